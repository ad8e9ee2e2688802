// The map of files: squarified (Bruls, Huizing and van Wijk, "Squarified treemaps", 2000), nested, with drill-down.
const root = document.documentElement;
const data = JSON.parse(document.getElementById('data').textContent);
const holder = document.getElementById('treemap');
const crumbs = document.getElementById('crumbs');
const about = document.getElementById('about');
const SVG = 'http://www.w3.org/2000/svg';
const [names, parents, sizes, counts, classes, layers, packages] = data.map;
const children = names.map(() => []);
parents.forEach((parent, place) => { if (parent >= 0) children[parent].push(place); });
children.forEach((list) => list.sort((a, b) => sizes[b] - sizes[a]));
let top = 0;
let colouring = 'class';
let words = [];
let order = [];

const dark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
function bytes(value) {
  let unit = 0;
  while (unit < 4 && Math.abs(value) >= 999.5) { value /= 1000; unit += 1; }
  const digits = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${['B', 'kB', 'MB', 'GB', 'TB'][unit]}`;
}
const isRest = (place) => names[place] === null;
const label = (place) => (isRest(place) ? `${counts[place]} smaller` : place === 0 ? data.root : names[place]);
function path(place) {
  const parts = [];
  for (let at = place; at > 0; at = parents[at]) parts.push(isRest(at) ? '…' : names[at]);
  return `/${parts.reverse().join('/')}`;
}
function add(parent, tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function squarify(places, x, y, w, h, put) {
  let total = places.reduce((sum, place) => sum + sizes[place], 0);
  let from = 0;
  while (from < places.length && total > 0 && w > 0 && h > 0) {
    const short = Math.min(w, h);
    const scale = (w * h) / total;
    let sum = 0;
    let worst = Infinity;
    let until = from;
    while (until < places.length) {
      const next = sum + sizes[places[until]];
      const thick = (next * scale) / short;
      const most = (sizes[places[from]] * scale) / thick;
      const least = (sizes[places[until]] * scale) / thick;
      const ratio = Math.max(most / thick, thick / least);
      if (ratio > worst) break;
      worst = ratio;
      sum = next;
      until += 1;
    }
    const thick = (sum * scale) / short;
    let at = 0;
    for (; from < until; from += 1) {
      const long = (sizes[places[from]] * scale) / thick;
      if (w < h) put(places[from], x + at, y, long, thick);
      else put(places[from], x, y + at, thick, long);
      at += long;
    }
    if (w < h) { y += thick; h -= thick; } else { x += thick; w -= thick; }
    total -= sum;
  }
}

function hue(number, of) {
  return `hsl(${Math.round((number * 360 * 0.618034) % 360)} ${of === 'layer' ? 42 : 38}% ${dark() ? 32 : 70}%)`;
}
function paint(rect, place) {
  if (classes[place] === data.hidden || colouring === 'class') {
    rect.setAttribute('class', data.colours[classes[place]] || 'k-other');
  } else if (colouring === 'layer') {
    rect.setAttribute('fill', hue(layers[place], 'layer'));
  } else if (packages[place] < 0) {
    rect.setAttribute('class', 'k-other');
  } else {
    rect.setAttribute('fill', hue(packages[place] + 1, 'package'));
  }
}
// What of a name, or of a chain of names, has room; '' where nothing has.
function fits(names, width, perChar) {
  const room = Math.floor((width - 9) / perChar);
  const last = names[names.length - 1];
  for (const text of [names.join('/'), `${names[0]}/…/${last}`]) {
    if (text.length <= room && (names.length > 2 || !text.includes('/…/'))) return text;
  }
  return room < 3 ? '' : `${names[0].slice(0, room - 1)}…`;
}
// Directories that hold one thing only (or nothing else that could be seen) share one frame: usr/local/lib.
function chain(place, area) {
  const through = [place];
  for (let at = place; ;) {
    const [first, ...others] = children[at];
    const left = others.reduce((sum, other) => sum + sizes[other], 0);
    if (first === undefined || !children[first].length || (left / sizes[place]) * area > 90) return through;
    at = first;
    through.push(at);
  }
}
function tile(parent, outer, x, y, w, h, depth) {
  if (w < 1.5 || h < 1.5) return;
  const through = chain(outer, w * h);
  const place = through[through.length - 1];
  const inner = children[place];
  const called = through.map(label).join('/');
  const nested = inner.length > 0 && depth < 5 && w > 54 && h > 40;
  const group = add(parent, 'g', { class: (nested ? 'group' : 'leaf') + (inner.length ? ' open' : '') });
  const rect = add(group, 'rect', { x, y, width: w, height: h, rx: nested ? 3 : 1 });
  group.dataset.place = place;
  if (w > 14 && h > 12) { order.push(group); group.setAttribute('tabindex', '-1'); }
  group.setAttribute('role', inner.length ? 'button' : 'img');
  group.setAttribute('aria-label', `${called}, ${bytes(sizes[outer])}${inner.length ? ', directory' : ''}`);
  if (nested) {
    const size = bytes(sizes[outer]);
    const name = fits(through.map(label), w, 7.3);
    if (name) {
      const text = add(group, 'text', { x: x + 5, y: y + 13 }, name);
      if ((name.length + size.length) * 7.3 < w - 8) add(text, 'tspan', { class: 'small', dx: 5 }, size);
    }
    squarify(inner, x + 2, y + 18, w - 4, h - 20, (child, cx, cy, cw, ch) => tile(group, child, cx, cy, cw, ch, depth + 1));
  } else {
    paint(rect, place);
    const name = h > 16 ? fits(through.map(label), w, 6.8) : '';
    if (name) add(group, 'text', { x: x + 4, y: y + 13 }, name);
    if (name && h > 32 && w > 50) add(group, 'text', { x: x + 4, y: y + 26, class: 'small' }, bytes(sizes[place]));
  }
}

function tell(place) {
  about.textContent = '';
  const name = document.createElement('b');
  name.textContent = isRest(place) ? `${counts[place]} smaller files in ${path(parents[place])}` : path(place);
  const share = sizes[0] ? `${((sizes[place] / sizes[0]) * 100).toFixed(1)} % of the image` : '';
  const parts = [bytes(sizes[place]), share];
  if (children[place].length) parts.push(`${counts[place]} files`);
  parts.push(`${children[place].length ? 'mostly ' : ''}${classes[place]}`);
  if (packages[place] >= 0) parts.push(`package ${data.packages[packages[place]]}`);
  if (layers[place]) parts.push(`layer ${layers[place]}: ${data.layers[layers[place] - 1]}`);
  about.append(name, ` · ${parts.filter(Boolean).join(' · ')}`);
}

function draw(focus) {
  const width = Math.max(200, holder.clientWidth);
  const height = holder.clientHeight;
  holder.textContent = '';
  order = [];
  const svg = add(holder, 'svg', { width, height, viewBox: `0 0 ${width} ${height}` });
  const shown = children[top].length ? children[top] : [top];
  squarify(shown, 0, 0, width, height, (child, x, y, w, h) => tile(svg, child, x, y, w, h, 0));
  if (order.length) order[0].setAttribute('tabindex', '0');
  mark();
  trail();
  if (focus && order.length) focusOn(order[0]);
}
function trail() {
  crumbs.textContent = '';
  const chain = [];
  for (let at = top; at >= 0; at = parents[at]) chain.unshift(at);
  chain.forEach((place, depth) => {
    if (depth) { const slash = document.createElement('i'); slash.textContent = '/'; crumbs.append(slash); }
    const last = place === top;
    const part = document.createElement(last ? 'span' : 'button');
    part.textContent = label(place) + (last ? `  ${bytes(sizes[place])}` : '');
    if (last) part.setAttribute('aria-current', 'location');
    else { part.type = 'button'; part.addEventListener('click', () => enter(place, true)); }
    crumbs.append(part);
  });
}
function enter(place, focus) {
  if (!children[place].length) return;
  top = place;
  draw(focus);
}
function mark() {
  for (const group of holder.querySelectorAll('g')) {
    group.classList.remove('dim', 'hit');
    if (!words.length || !group.classList.contains('leaf')) continue;
    const text = path(Number(group.dataset.place)).toLowerCase();
    group.classList.add(words.every((word) => text.includes(word)) ? 'hit' : 'dim');
  }
}
function focusOn(group) {
  holder.querySelectorAll('[tabindex="0"]').forEach((other) => other.setAttribute('tabindex', '-1'));
  group.setAttribute('tabindex', '0');
  group.focus({ preventScroll: true });
}
// What a click on a nested tile opens: the outermost directory below the one shown.
function outermost(place) {
  let at = place;
  while (parents[at] !== top && parents[at] >= 0) at = parents[at];
  return at;
}
holder.addEventListener('click', (event) => {
  const group = event.target.closest('g[data-place]');
  if (!group) return;
  const place = Number(group.dataset.place);
  enter(children[place].length ? place : outermost(place), false);
});
holder.addEventListener('mouseover', (event) => {
  const group = event.target.closest('g[data-place]');
  if (group) tell(Number(group.dataset.place));
});
holder.addEventListener('focusin', (event) => {
  const group = event.target.closest('g[data-place]');
  if (group) tell(Number(group.dataset.place));
});
holder.addEventListener('keydown', (event) => {
  const group = event.target.closest('g[data-place]');
  if (!group) return;
  const place = Number(group.dataset.place);
  if (event.key === 'Enter' || event.key === ' ') enter(children[place].length ? place : outermost(place), true);
  else if (event.key === 'Backspace' || event.key === 'Escape') { if (top > 0) enter(parents[top], true); }
  else if (/^Arrow/.test(event.key)) {
    const from = group.getBoundingClientRect();
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    let best = null;
    let least = Infinity;
    for (const other of order) {
      if (other === group || other.contains(group) || group.contains(other)) continue;
      const to = other.getBoundingClientRect();
      const x = (to.left + to.right - from.left - from.right) / 2;
      const y = (to.top + to.bottom - from.top - from.bottom) / 2;
      const along = x * dx + y * dy;
      if (along <= 2) continue;
      const off = Math.abs(x * dy) + Math.abs(y * dx);
      if (along + 2.5 * off < least) { least = along + 2.5 * off; best = other; }
    }
    if (best) focusOn(best);
  } else return;
  event.preventDefault();
});
for (const button of document.querySelectorAll('[data-colour]')) {
  button.addEventListener('click', () => {
    colouring = button.dataset.colour;
    document.querySelectorAll('[data-colour]').forEach((other) => other.setAttribute('aria-pressed', String(other === button)));
    draw(false);
  });
}
document.addEventListener('searchchange', (event) => { words = event.detail; mark(); });
document.addEventListener('themechange', () => draw(false));
let resizing = 0;
window.addEventListener('resize', () => { clearTimeout(resizing); resizing = setTimeout(() => draw(false), 100); });
draw(false);
