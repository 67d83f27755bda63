/** The look of the page: system fonts, one accent, rules instead of boxes; light and dark by the reader's choice. */
export const STYLESHEET = `
:root {
  --paper: #fdfdfb; --ink: #1b1d20; --muted: #5d6269; --rule: #e4e4df; --faint: #f4f4f0;
  --accent: #0a5ea8; --dot: #8d939b; --gain: #17693c; --loss: #a4281f; --warn: #8a5300;
  --s0: #2765b0; --s1: #5fa0cf; --s2: #a89bb3; --s3: #df9152; --s4: #bb4026;
  --c0: #cf8500; --c1: #00886a; --c2: #b8558f; --c3: #4aa3d8; --c4: #c4500a; --c5: #6d59b5; --c6: #7a6a1c; --c7: #0b5a8f;
  --other: #a9adb3;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131416; --ink: #e7e7e4; --muted: #a0a5ac; --rule: #2b2d31; --faint: #1b1d20;
    --accent: #74b8ff; --dot: #7d848d; --gain: #6cc796; --loss: #f08b80; --warn: #e0a94f;
    --s0: #4f97ee; --s1: #8cc4ea; --s2: #b7abc4; --s3: #eda365; --s4: #f0694a;
    --c0: #f0b440; --c1: #34c29d; --c2: #e292c0; --c3: #9ad1f5; --c4: #f4854a; --c5: #a996ee; --c6: #cdbb58; --c7: #4a9bd8;
    --other: #666b73;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
.masthead, .page { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
.masthead { padding-top: 3.5rem; padding-bottom: 1rem; }
.kicker { margin: 0; font-size: .875rem; color: var(--muted); }
h1 { margin: .1rem 0 .25rem; font-size: clamp(1.9rem, 5vw, 2.6rem); line-height: 1.15; font-weight: 650; letter-spacing: -.02em; overflow-wrap: anywhere; }
h1, h2, h3 { text-wrap: balance; }
h2 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; }
h3 { margin: 1.5rem 0 .25rem; font-size: 1.05rem; font-weight: 650; }
h4 { margin: 0 0 .5rem; font-size: .875rem; font-weight: 600; }
p { margin: 0 0 .75rem; max-width: 42rem; }
a { color: var(--accent); text-underline-offset: .15em; }
.muted { color: var(--muted); }
b .muted, .muted { font-weight: 400; }
.lead { font-size: 1.1rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem; z-index: 3; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
nav ol { list-style: none; margin: 0; padding: .75rem 0; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; font-size: .875rem; border-block: 1px solid var(--rule); }
nav a { color: var(--muted); text-decoration: none; display: inline-block; padding: .15rem 0; }
nav a:hover { color: var(--ink); text-decoration: underline; }
main > section { padding: 2.75rem 0 1.5rem; border-bottom: 1px solid var(--rule); }
main > section:last-child { border: 0; padding-bottom: 5rem; }
@media (min-width: 72rem) {
  .page { display: grid; grid-template-columns: 11rem minmax(0, 1fr); column-gap: 3rem; }
  nav ol { position: sticky; top: 0; display: block; border: 0; padding-top: 2.6rem; }
  nav li { padding: .15rem 0; line-height: 1.3; }
}
figure { margin: 0; min-width: 0; }
figcaption { font-size: .875rem; line-height: 1.35; margin-bottom: .4rem; }
figcaption b { font-weight: 600; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); gap: 2rem 2.5rem; margin: 1.25rem 0; align-items: start; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 10rem), 1fr)); gap: 1rem 2rem; margin: 1.25rem 0 2rem; }
.tiles > div { border-top: 2px solid var(--ink); padding-top: .5rem; }
.tiles dl { margin: 0; }
.tiles dt { font-size: .875rem; color: var(--muted); }
.tiles dd { margin: 0; font-size: .875rem; }
.tiles dt + dd { font-size: 1.5rem; line-height: 1.3; font-weight: 600; letter-spacing: -.01em; color: var(--ink); }
.verdicts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); }
.verdicts dt + dd { font-size: .875rem; font-weight: 400; letter-spacing: 0; }
.verdicts .value { font-size: 2.1rem; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; color: var(--accent); margin-right: .35rem; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.35; }
th { font-weight: 400; text-align: left; }
caption { text-align: left; font-weight: 600; padding: 0 0 .4rem; }
.facts { font-size: .8125rem; max-width: 52rem; margin-top: 1rem; }
.number { text-align: right; white-space: nowrap; }
.dots { width: 100%; table-layout: fixed; }
.dots th, .dots td { padding: 0; height: 1.4rem; vertical-align: middle; }
.dots th[scope=col]:first-child { width: 7.8rem; }
.dots th.number { width: 3.4rem; }
.dots th.ahead { width: 4.6rem; font-size: .75rem; color: var(--muted); line-height: 1.1; vertical-align: bottom; padding-bottom: .2rem; }
.dots .plot, .dots .axis { padding: 0 .5rem; }
.dots tbody th { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.axis > div, .x-axis, .y-axis { position: relative; color: var(--muted); font-size: .75rem; }
.axis > div { height: 1.2rem; }
.axis span, .x-axis span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.dots svg { display: block; overflow: visible; background: repeating-linear-gradient(to right, var(--rule) 0 1px, transparent 1px var(--step)) 0 0 / calc(100% + 1px) 100%; height: 1.4rem; padding: 0; }
.dots svg line { stroke: var(--dot); stroke-width: 1.5; }
.dots svg circle { fill: var(--dot); stroke: var(--paper); stroke-width: 1; }
.dots tbody tr.reference th, .dots tbody tr.reference .number { font-weight: 650; color: var(--accent); }
.dots tr.reference line { stroke: var(--accent); stroke-width: 2; }
.dots tr.reference circle { fill: var(--accent); }
.dots tr.best td.number:not(.ahead) { font-weight: 650; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .2em; }
.dots tbody tr:hover { background: var(--faint); }
.gain { color: var(--gain); } .loss { color: var(--loss); } .unclear { color: var(--muted); }
td.ahead.unclear { opacity: .75; }
.switch { border: 0; margin: 0 0 .75rem; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .875rem; }
.switch legend { float: left; padding: 0; margin-right: 1rem; color: var(--muted); }
.switch label { cursor: pointer; padding: .2rem 0; }
.switch input { accent-color: var(--accent); margin: 0 .25rem 0 0; vertical-align: -.1em; }
.switched:has(input[value=slice]:checked) .on-catalog, .switched:has(input[value=catalog]:checked) .on-slice { display: none; }
.chart { position: relative; margin: .5rem 0 0 3rem; }
.chart .y-axis { position: absolute; inset: 0 100% 0 -3rem; }
.y-axis span { position: absolute; right: auto; left: 0; width: 2.6rem; text-align: right; transform: translateY(-50%); }
.x-axis { height: 1.3rem; padding-top: .25rem; }
.x-axis span:last-child[style*="100%"] { transform: translateX(-100%); }
.axis-label { margin: 1.4rem 0 .5rem 3rem; font-size: .75rem; }
.lines { display: block; overflow: visible; }
.lines .grid { stroke: var(--rule); }
.line { color: var(--colour); }
.reference { --colour: var(--accent); }
.c0 { --colour: var(--c0); } .c1 { --colour: var(--c1); } .c2 { --colour: var(--c2); } .c3 { --colour: var(--c3); }
.c4 { --colour: var(--c4); } .c5 { --colour: var(--c5); } .c6 { --colour: var(--c6); } .c7 { --colour: var(--c7); } .other { --colour: var(--other); }
.t0 { --colour: var(--s0); } .t1 { --colour: var(--s1); } .t2 { --colour: var(--s2); } .t3 { --colour: var(--s3); } .t4 { --colour: var(--s4); }
.line polyline { fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linejoin: round; }
.line.reference polyline { stroke-width: 2.5; }
.line svg { overflow: visible; }
.line .whisker { stroke: currentColor; stroke-width: 1; opacity: .55; }
.line .mark { fill: currentColor; stroke: var(--paper); stroke-width: 1; }
.line .quiet { fill-opacity: 0; stroke-opacity: 0; }
.line .quiet:hover, .line .quiet:focus { fill-opacity: 1; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem .9rem; margin: 0 0 .6rem; padding: 0; font-size: .8125rem; }
.legend i { display: inline-block; width: .65rem; height: .65rem; border-radius: 50%; margin-right: .35rem; background: var(--colour); }
.bars { width: 100%; }
.bars th, .bars td { padding: .22rem .75rem .22rem 0; vertical-align: middle; }
.bars thead th { color: var(--muted); font-size: .75rem; border-bottom: 1px solid var(--rule); }
.bars td { width: 42%; padding-top: .35rem; }
.bars.wide { max-width: 42rem; }
.bar { display: block; height: .5rem; width: max(1px, var(--share)); background: var(--colour); }
.bar-text { display: block; font-size: .75rem; line-height: 1.3; margin-top: .15rem; }
details { margin: 1rem 0; }
summary { cursor: pointer; font-size: .875rem; color: var(--accent); padding: .2rem 0; width: fit-content; }
.scroll { overflow-x: auto; max-width: 100%; margin: .75rem 0 1.5rem; }
.scroll.tall { max-height: 24rem; overflow-y: auto; }
.figures th, .figures td { padding: .25rem .9rem .25rem 0; vertical-align: top; border-bottom: 1px solid var(--rule); }
.figures thead th { color: var(--muted); font-size: .75rem; vertical-align: bottom; white-space: nowrap; }
.figures small { color: var(--muted); white-space: nowrap; }
.figures .best { font-weight: 650; } .figures .best small { font-weight: 400; }
.maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.5rem; margin: .75rem 0; }
.map { display: block; width: 100%; height: auto; background: var(--faint); border-radius: 4px; touch-action: pan-y; }
.map circle { fill: var(--colour); fill-opacity: .82; }
.s0 { --support: var(--s0); } .s1 { --support: var(--s1); } .s2 { --support: var(--s2); } .s3 { --support: var(--s3); } .s4 { --support: var(--s4); }
.legend .s0, .legend .s1, .legend .s2, .legend .s3, .legend .s4 { background: var(--support); }
.map-block:has(input[value=support]:checked) .map circle, .map-block:not(:has(input)) .map circle { fill: var(--support); }
.map-block:has(input[value=support]:checked) .by-category, .map-block:has(input[value=category]:checked) .by-support { display: none; }
.map circle.marked { stroke: var(--ink); stroke-width: 2; r: 6px; fill-opacity: 1; }
.list-card { padding: 1.25rem 0; border-top: 1px solid var(--rule); }
.list-card header { display: flex; gap: .9rem; align-items: center; margin-bottom: .9rem; }
.list-card header h3 { margin: 0; line-height: 1.3; overflow-wrap: anywhere; }
.list-card header p { margin: .1rem 0 0; font-size: .875rem; overflow-wrap: anywhere; }
.list-card header img, .list-card header .no-picture { width: 64px; height: 64px; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.25rem 2.5rem; }
.items { list-style: none; margin: 0; padding: 0; }
.items li { display: flex; gap: .75rem; align-items: center; padding: .3rem 0; border-top: 1px solid var(--rule); font-size: .875rem; line-height: 1.3; min-height: 2.2rem; }
.items .title { flex: 1; min-width: 0; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow-wrap: anywhere; }
.items .support { text-align: right; white-space: nowrap; }
.items em { font-style: normal; color: var(--gain); }
img, .no-picture { display: block; width: 48px; height: 48px; object-fit: cover; border-radius: 3px; background: var(--faint); flex: none; }
.nothing { color: var(--muted); font-size: .875rem; border-top: 1px solid var(--rule); padding-top: .6rem; }
.findings { list-style: none; margin: 1rem 0; padding: 0; max-width: 52rem; }
.findings > li { display: grid; grid-template-columns: 6.5rem 1fr; gap: .75rem; padding: .7rem 0; border-top: 1px solid var(--rule); font-size: .9375rem; }
.findings p { margin: .1rem 0 0; }
.state { font-size: .8125rem; font-weight: 600; color: var(--muted); }
.clean .state { color: var(--gain); } .warning .state { color: var(--warn); } .stop .state, .allowed .state { color: var(--loss); }
.examples { margin: .35rem 0 0; padding-left: 1.1rem; font-size: .875rem; color: var(--muted); overflow-wrap: anywhere; }
.definitions { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .4rem 1.5rem; max-width: 56rem; margin: 0; font-size: .9375rem; }
.definitions dt { font-weight: 600; } .definitions dd { margin: 0; }
pre { background: var(--faint); padding: .75rem 1rem; border-radius: 4px; overflow-x: auto; font: .875rem/1.5 var(--mono); max-width: 100%; }
code { font-family: var(--mono); font-size: .9em; }
.pairs { width: 100%; }
.pairs th, .pairs td { padding: .2rem .75rem .2rem 0; vertical-align: top; border-top: 1px solid var(--rule); }
.pairs th { color: var(--muted); width: 11rem; }
.pairs td { overflow-wrap: anywhere; }
#tip { position: fixed; z-index: 2; max-width: min(22rem, calc(100vw - 1rem)); padding: .4rem .6rem; background: var(--ink); color: var(--paper); font-size: .8125rem; line-height: 1.35; border-radius: 4px; pointer-events: none; white-space: pre-line; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  .masthead { padding-top: 2rem; }
  .dots th[scope=col]:first-child { width: 6.6rem; } .dots th, .dots td { font-size: .75rem; overflow-wrap: anywhere; } .dots th.ahead { width: 3.9rem; white-space: normal; }
  .findings > li { grid-template-columns: 1fr; gap: .1rem; }
  .definitions { grid-template-columns: 1fr; gap: .1rem; } .definitions dd { margin-bottom: .6rem; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print { nav, .switch, .skip { display: none; } body { background: none; } }
`;
