// What is wrong with the page that is shown: each function gives a list of faults in words.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const name = (element) => `<${element.localName}> ${element.textContent.trim().slice(0, 40)}`;
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);

  // Chains of ancestors, from the page down to the element.
  const ancestors = (element) => (element ? [...ancestors(element.parentElement), element] : []);

  // One pixel on which CSS colours are laid, so that the browser itself parses and blends them.
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const lay = (colours) => {
    for (const colour of colours) {
      pixel.fillStyle = colour;
      pixel.fillRect(0, 0, 1, 1);
    }
    return [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };

  // WCAG 2.2: relative luminance and contrast ratio.
  const linear = (byte) => (byte <= 0.04045 * 255 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  // HTML elements with text of their own; figures are drawn on paper of their own.
  const texts = () => all("body *:not(svg, svg *, script, style)").filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()));

  return {
    // Pictures without a size, and those whose data cannot be shown.
    async pictures() {
      const empty = all("img, svg, svg image").filter((element) => {
        const box = element.getBoundingClientRect();
        return !(box.width > 0 && box.height > 0);
      });
      const decoded = await Promise.allSettled(all("img, svg image").map((element) => element.decode()));
      const broken = decoded.filter((outcome) => outcome.status === "rejected");
      return [...empty.map((element) => `no size: ${name(element)}`), ...broken.map((outcome) => `${outcome.reason}`)];
    },

    // What reaches beyond the width (CSS pixels), unless it can be scrolled to inside a box that does not.
    wide(width) {
      const beyond = all("body *:not(svg *)").filter((element) =>
        element.getBoundingClientRect().right > width + 0.5 &&
        !ancestors(element.parentElement).slice(2).some(scrolls));
      const page = document.documentElement.scrollWidth;
      return [...beyond.map((element) => `too wide: ${name(element)}`), ...(page > width ? [`page: ${page} px`] : [])];
    },

    // Boxes whose content is wider than they are, which on paper is cut off.
    cut() {
      return all("body *:not(svg, svg *)").filter((element) => scrolls(element) && element.scrollWidth > element.clientWidth)
        .map((element) => `cut off at ${element.clientWidth} of ${element.scrollWidth} px: ${name(element)}`);
    },

    // Text with less than this contrast to what it stands on; paper: backgrounds are not printed.
    faint(least, paper) {
      return texts().map((element) => {
        const backgrounds = paper ? [] : ancestors(element).map((one) => getComputedStyle(one).backgroundColor);
        const ground = ["white", ...backgrounds];
        return [ratio(lay(ground), lay([...ground, getComputedStyle(element).color])), element];
      }).filter(([found]) => found < least).map(([found, element]) => `${found.toFixed(2)} to 1: ${name(element)}`);
    },

    // What refers to a place that is not there, or to one of several different places of the same name.
    astray() {
      const attributes = all("*").flatMap((element) => [...element.attributes]);
      const links = attributes.filter((one) => one.localName === "href" && one.value.startsWith("#"));
      const styles = attributes.flatMap((one) => [...one.value.matchAll(/url\(["']?#([^"')]+)/g)]);
      const targets = new Set([...links.map((link) => link.value.slice(1)), ...styles.map((found) => found[1])]);
      return [...targets].flatMap((target) => {
        const named = all("[id]").filter((element) => element.id === decodeURIComponent(target));
        const different = new Set(named.map((element) => element.outerHTML)).size;
        return different === 1 ? [] : [`#${target} is in ${different} places`];
      });
    },

    // Headings that do not begin with the only h1, or skip a level on the way down.
    headings() {
      const levels = all("h1, h2, h3, h4, h5, h6").map((element) => Number(element.localName[1]));
      const skips = levels.filter((level, place) => (place ? level === 1 || level > levels[place - 1] + 1 : level !== 1));
      return [...(levels.length ? [] : ["no heading"]), ...skips.map((level) => `h${level} out of order`)];
    },
  };
})()
