// Theme, sortable tables and search: shared by every page. Names are only ever set as text.
const root = document.documentElement;
const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');
function stored(value) {
  try {
    if (value === undefined) return localStorage.getItem('tare-theme');
    localStorage.setItem('tare-theme', value);
  } catch (error) { /* file: pages may have no storage */ }
  return value;
}
function show(theme) {
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  document.dispatchEvent(new Event('themechange'));
}
show(stored());
document.getElementById('theme').addEventListener('click', () => {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : prefersDark.matches;
  show(stored(dark ? 'light' : 'dark'));
});
prefersDark.addEventListener('change', () => document.dispatchEvent(new Event('themechange')));

for (const table of document.querySelectorAll('table')) {
  const heads = [...table.querySelectorAll('thead th')];
  heads.forEach((head, column) => {
    const button = head.querySelector('button');
    if (!button) return;
    button.addEventListener('click', () => {
      const was = head.getAttribute('aria-sort');
      const down = was === 'none' ? head.classList.contains('num') : was === 'ascending';
      heads.forEach((other) => other.hasAttribute('aria-sort') && other.setAttribute('aria-sort', 'none'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const value = (row) => row.cells[column].dataset.v || '';
      const numeric = head.classList.contains('num');
      const rows = [...table.tBodies[0].rows].map((row) => [numeric ? Number(value(row)) : value(row), row]);
      rows.sort(([a], [b]) => (numeric ? a - b : a.localeCompare(b, 'en', { numeric: true })) * (down ? -1 : 1));
      table.tBodies[0].append(...rows.map(([, row]) => row));
    });
  });
}

const search = document.getElementById('search');
if (search) {
  const lists = [...document.querySelectorAll('[data-filter]')];
  const nothing = document.getElementById('empty');
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const list of lists) {
      let here = 0;
      for (const row of list.querySelectorAll('[data-text]')) {
        const hit = words.every((word) => row.dataset.text.includes(word));
        row.hidden = !hit;
        here += hit ? 1 : 0;
      }
      found += here;
      const foot = list.tFoot;
      if (foot) foot.hidden = words.length > 0;
      list.classList.toggle('bare', here === 0);
    }
    for (const section of document.querySelectorAll('section[id]')) {
      const own = [...section.querySelectorAll('[data-filter]')];
      section.hidden = words.length > 0 && own.length > 0 && own.every((list) => list.classList.contains('bare'));
    }
    document.dispatchEvent(new CustomEvent('searchchange', { detail: words }));
    nothing.hidden = found > 0 || words.length === 0;
  };
  let timer = 0;
  search.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(apply, 80); });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { search.value = ''; apply(); search.blur(); }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      search.focus();
    }
  });
}

// A link to a layer opens it.
function openTarget() {
  const target = /^#layer-\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  if (target) { target.hidden = false; target.closest('section').hidden = false; target.querySelector('details').open = true; }
}
window.addEventListener('hashchange', openTarget);
openTarget();
// Paper has no clicks: what is folded is printed open, and folded again.
let folded = [];
window.addEventListener('beforeprint', () => {
  folded = [...document.querySelectorAll('.timeline details:not([open])')];
  folded.forEach((one) => { one.open = true; });
});
window.addEventListener('afterprint', () => folded.forEach((one) => { one.open = false; }));
