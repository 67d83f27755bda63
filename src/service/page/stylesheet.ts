/** The look of the page: system fonts, one accent, light and dark by the reader's choice, one column on a phone. */
export const STYLESHEET = `
:root { --paper: #fdfdfb; --ink: #1b1d20; --muted: #5d6269; --rule: #deded8; --faint: #f4f4f0; --accent: #0a5ea8; --dot: #8d939b; color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #131416; --ink: #e7e7e4; --muted: #a0a5ac; --rule: #33363b; --faint: #1b1d20; --accent: #74b8ff; --dot: #7d848d; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 0 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; font-variant-numeric: tabular-nums; }
header { padding: 1.5rem 0 .5rem; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; letter-spacing: -.01em; }
h1 small { font-size: .875rem; font-weight: 400; color: var(--muted); margin-left: .5rem; }
h2 { margin: 0 0 .5rem; font-size: 1.3rem; }
h3 { margin: 0 0 .5rem; font-size: 1rem; border-top: 2px solid var(--ink); padding-top: .5rem; }
h3 span { font-weight: 400; }
section { padding: 1.5rem 0; border-top: 1px solid var(--rule); }
p { margin: 0 0 .5rem; max-width: 44rem; }
.muted, figcaption { color: var(--muted); font-size: .875rem; }
[hidden] { display: none !important; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
label { display: block; font-size: .875rem; color: var(--muted); }
input, textarea, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--dot); border-radius: 4px; padding: .4rem .6rem; min-height: 2.5rem; }
input[type="search"], textarea, #new input, #filter { width: 100%; max-width: 34rem; }
input[type="range"] { padding: 0; accent-color: var(--accent); width: 16rem; max-width: 100%; }
input[type="file"] { border: 0; padding-left: 0; }
button { cursor: pointer; }
button:hover { border-color: var(--accent); color: var(--accent); }
.head { display: grid; grid-template-columns: 9rem minmax(0, 1fr) auto; gap: 1.5rem; align-items: start; }
figure { margin: 0; }
canvas { max-width: 100%; border: 1px solid var(--rule); cursor: pointer; }
figcaption { max-width: 20rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 .75rem; margin: 0 0 .5rem; font-size: .875rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1.5rem; }
.columns.two { grid-template-columns: repeat(2, minmax(0, 1fr)); }
ol { list-style: none; margin: 0; padding: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1rem; }
.list li { display: grid; grid-template-columns: 3.5rem minmax(0, 1fr) auto; gap: .6rem; align-items: center; padding: .35rem 0; border-bottom: 1px solid var(--rule); }
.tiles li { display: grid; gap: .25rem; align-content: start; }
.picture { width: 3.5rem; height: 3.5rem; background: var(--faint); border-radius: 4px; overflow: hidden; }
.picture img, .large img { width: 100%; height: 100%; object-fit: contain; display: block; background: #fff; }
.tiles .picture, .large { width: 100%; height: auto; aspect-ratio: 1; }
.large { background: var(--faint); border-radius: 4px; overflow: hidden; }
.open { border: 0; padding: 0; min-height: 0; text-align: left; background: none; text-decoration: underline; text-decoration-color: var(--rule); text-underline-offset: .15em; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.tiles:not(:has(.picture:not(.none))) .picture, .list:not(:has(.picture:not(.none))) .picture, .large.none { display: none; }
.list:not(:has(.picture:not(.none))) li { grid-template-columns: minmax(0, 1fr) auto; }
.head:has(.large.none) { grid-template-columns: minmax(0, 1fr) auto; }
.facts { display: block; font-size: .8125rem; color: var(--muted); }
.why { padding: .1rem .5rem; min-height: 2rem; font-size: .8125rem; }
.reason:empty { display: none; }
.reason { grid-column: 1 / -1; border-left: 3px solid var(--accent); padding-left: .75rem; font-size: .875rem; }
.reason p { margin: 0; }
.controls { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin-bottom: 1rem; }
.controls #filter { width: 22rem; max-width: 100%; }
#new { display: grid; gap: .35rem; max-width: 34rem; margin-bottom: 1rem; }
#new button { justify-self: start; margin-top: .5rem; }
a { color: var(--accent); }
.reference ul { margin: 0 0 .5rem; padding-left: 1.25rem; }
.reference h2 { font-size: 1.05rem; overflow-wrap: anywhere; }
.reference h2 b, nav b { font-weight: 600; }
.reference h3 { border: 0; padding: 0; }
.reference nav ul { columns: 20rem; list-style: none; padding: 0; }
code { font-size: .9em; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; margin-bottom: 1rem; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { padding: .25rem 1rem .25rem 0; border-bottom: 1px solid var(--rule); text-align: right; font-weight: 400; }
thead th { color: var(--muted); }
th:first-child { text-align: left; }
svg { display: block; width: 8rem; height: 1.5rem; stroke: var(--accent); fill: none; stroke-width: 1.5; }
@media (max-width: 50rem) {
  .head, .head:has(.large.none), .columns, .columns.two { grid-template-columns: minmax(0, 1fr); }
  .large { width: 9rem; }
}
`;
