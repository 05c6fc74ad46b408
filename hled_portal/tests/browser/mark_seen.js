// Marks the blocks of a page that axe has read before in the same surroundings, and returns the keys of the others.
//
// Two blocks are the same where nothing that a rule reads differs: elements, attributes, states, where text stands, and
// whether what they refer to is there once; so for the elements around them. Words, addresses and names may differ, and
// which of the portal's languages it is.
([seen, blocks]) => {
  const known = new Set(seen.split(",")), fresh = new Set(), counts = {};
  for (const { id } of document.querySelectorAll("[id]")) counts[id] = (counts[id] ?? 0) + 1;
  const refers = /^(for|headers|list|aria-(labelledby|describedby|controls|owns|details|errormessage))$/;
  const words = /^(id|href|src|name|value|title|alt|action|content|datetime|aria-label|data-.*)$/;
  const languages = /^(en|es|es-MX)$/;
  const outlines = new Map();

  function shape(element) {
    const attributes = [...element.attributes].map(({ name, value }) => {
      if (refers.test(name)) return `${name}:${value.trim().split(/\s+/).map(id => counts[id] ?? 0)}`;
      if (name === "lang" && languages.test(value)) return "lang:known";
      return words.test(name) ? `${name}:${value.trim() !== ""}` : `${name}=${value}`;
    });
    const state = [element.labels?.length, element.checked, element.disabled, element.open, element.hidden];
    return `${element.localName}[${attributes.sort()}|${state}]`;
  }

  function outline(element) {
    const inner = [...element.childNodes].map(node => {
      if (node.nodeType === Node.TEXT_NODE) return node.data.trim() ? "text" : "";
      return node.nodeType === Node.ELEMENT_NODE ? outline(node) : "";
    });
    const text = `${shape(element)}(${inner.filter(Boolean)})`;
    outlines.set(element, text);
    return text;
  }

  function visit(element, around) {
    const path = `${around}>${shape(element)}`;
    if (element.matches(blocks)) {
      const place = element.localName === "tr" || element.localName === "li" ? [...element.parentNode.children].indexOf(element) % 2 : 0;
      const key = window.shorten(`${path} ${place} ${outlines.get(element)}`);
      if (known.has(key)) {
        element.setAttribute("data-seen", "");
        return;
      }
      known.add(key);
      fresh.add(key);
    }
    for (const child of element.children) visit(child, path);
  }

  for (const element of document.querySelectorAll("[data-seen]")) element.removeAttribute("data-seen");
  const root = document.documentElement;
  outline(root);
  visit(root, "");
  return [...fresh].join();
}
