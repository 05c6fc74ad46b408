// Runs axe on what is new to it; returns its violations, and the cases of colours that it has read.
//
// Its rules leave out the marked blocks: axe's own `exclude` compares each element with each of hundreds of blocks.
// Three rules take most of its time, since they need the place of each element in layers, and leave out more:
// - the contrast of a text is read once for each case: colours and size, and all that is painted where it stands;
// - a target that nothing else to press is near is large or free enough;
// - a link that is underlined in words that are not is distinct, whatever its colours.
async ([cases, options]) => {
  const TARGETS =
    "a[href], area, audio, button, embed, iframe, input, object, select, summary, textarea, video, " +
    "[contenteditable], [tabindex][role]:not([role=region])";
  const SIZE = 24; // Pixels: of a target, or of the circle around its middle.
  const known = new Set(cases.split(",")), fresh = [];

  const once = make => {
    const made = new Map();
    return element => {
      if (!made.has(element)) made.set(element, make(element));
      return made.get(element);
    };
  };
  const box = once(element => element.getBoundingClientRect());
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const covers = (a, b) => a.left <= b.left && b.right <= a.right && a.top <= b.top && b.bottom <= a.bottom;

  const look = once(element => {
    const style = getComputedStyle(element);
    const paint = ["backgroundColor", "backgroundImage", "opacity", "mixBlendMode", "filter"].map(name => style[name]);
    const text = ["color", "fontSize", "fontWeight", "textShadow", "webkitTextStroke"].map(name => style[name]);
    const layer = [style.position, style.zIndex, style.float];
    return { text, paint: String(paint) === "rgba(0, 0, 0, 0),none,1,normal,none" ? null : paint, layer };
  });
  let painted;
  const caseOf = once(element => {
    painted ??= [...document.querySelectorAll("body *")].filter(each => look(each).paint && box(each).width);
    const around = [];
    for (let each = element; each; each = each.parentElement) around.push(each);
    const others = painted.filter(each => meet(box(each), box(element)) && !each.contains(element));
    return window.shorten(JSON.stringify([
      look(element).text,
      around.filter(each => look(each).paint).map(each => [look(each).paint, covers(box(each), box(element))]),
      others.map(each => [look(each).paint, look(each).layer]),
      others.length ? around.map(each => look(each).layer) : [],
    ]));
  });
  const hasText = element =>
    element.matches("input, select, textarea") ||
    [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());

  let targets;
  const middle = ({ left, right, top, bottom }) => ({ x: (left + right) / 2, y: (top + bottom) / 2 });
  const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
  const standsFree = element => {
    targets ??= [...document.querySelectorAll(TARGETS)].filter(each => each.checkVisibility() && box(each).width);
    if (!element.matches(TARGETS)) return false;
    const own = box(element), center = middle(own);
    const isLarge = Math.min(own.width, own.height) >= SIZE;
    return targets.every(each => {
      if (each === element) return true;
      const { left, right, top, bottom } = box(each);
      if (meet(own, box(each))) return false;
      const nearest = { x: Math.min(Math.max(center.x, left), right), y: Math.min(Math.max(center.y, top), bottom) };
      return isLarge || (distance(center, nearest) >= SIZE / 2 && distance(center, middle(box(each))) >= SIZE);
    });
  };

  const isUnderlined = element => getComputedStyle(element).textDecorationLine.includes("underline");
  const isDistinct = element =>
    isUnderlined(element) &&
    !isUnderlined(element.parentElement) &&
    getComputedStyle(element.parentElement).display !== "inline";

  const isNew = {
    "color-contrast": element => hasText(element) && !known.has(caseOf(element)),
    "link-in-text-block": element => !isDistinct(element),
    "target-size": element => !standsFree(element),
  };
  const isSeen = once(node => !!node && ((node.props.nodeType === 1 && node.hasAttr("data-seen")) || isSeen(node.parent)));

  if (!window.axe) window.loadAxe();
  const undo = [];
  function replace(object, name, make) {
    const before = object[name];
    undo.push(() => { object[name] = before; });
    object[name] = make(before);
  }
  for (const rule of axe._audit.rules) {
    const wanted = node => !isSeen(node) && (isNew[rule.id]?.(node.actualNode) ?? true);
    replace(rule, "gather", gather => (...given) => gather.apply(rule, given).filter(wanted));
  }
  replace(axe._audit.checks["color-contrast"], "evaluate", evaluate => function (element, ...given) {
    const name = caseOf(element);
    if (known.has(name)) return true;
    let found;
    const { data } = this;
    this.data = value => data.call(this, (found = value));
    const passes = evaluate.call(this, element, ...given);
    // A text that is hidden passes too and says nothing of others. On an image of the style sheet axe can never tell.
    if ((passes && found?.contrastRatio) || ["bgGradient", "bgImage"].includes(found?.messageKey)) {
      known.add(name);
      fresh.push(name);
    }
    return passes;
  });
  try {
    return { violations: (await axe.run(document, options)).violations, cases: fresh.join() };
  } finally {
    for (const each of undo) each();
  }
}
