// How the page of a log looks: by day and by night, wide and narrow.
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #67707b; --paper: #f6f5f1; --card: #ffffff; --line: #e2dfd6;
  --good: #1f8a5b; --bad: #c6402f; --none: #b98a1b; --shadow: 0 1px 2px rgb(0 0 0 / 6%); }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6df; --dim: #9aa3ad; --paper: #15181c; --card: #1d2126;
  --line: #2e343b; --good: #4cc38a; --bad: #ff7a66; --none: #e0b252; --shadow: none; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0.1rem 0 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2.25rem 0 0.75rem; }
h3 { font-size: 0.95rem; margin: 0 0 0.5rem; }
.kicker { margin: 0; font-size: 0.8rem; letter-spacing: 0.06em; text-transform: uppercase; color: var(--dim); }
.dim, small { color: var(--dim); font-weight: 400; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.75rem; margin-top: 1.5rem; }
.tile, .scenario, table { background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; box-shadow: var(--shadow); }
.tile { padding: 0.8rem 1rem; display: grid; align-content: start; }
.tile span { color: var(--dim); font-size: 0.85rem; }
.tile b { font-size: 1.6rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile.bad b { color: var(--bad); }
table { border-collapse: separate; border-spacing: 0; overflow: hidden; }
th, td { text-align: left; padding: 0.35rem 1.1rem; font-variant-numeric: tabular-nums; }
th { font-weight: 600; font-size: 0.85rem; color: var(--dim); }
tbody td { border-top: 1px solid var(--line); }
.scenario { margin-bottom: 0.5rem; }
summary { cursor: pointer; }
.scenario > summary { display: flex; flex-wrap: wrap; gap: 0.2rem 0.75rem; align-items: center; padding: 0.65rem 1rem; list-style: none; }
.scenario > summary::-webkit-details-marker { display: none; }
.count { margin-left: auto; font-variant-numeric: tabular-nums; font-weight: 600; }
.dots { display: inline-flex; flex-wrap: wrap; gap: 0.25rem; }
i { display: inline-block; width: 0.75rem; height: 0.75rem; border-radius: 50%; background: var(--none); }
i.passed { background: var(--good); } i.failed { background: var(--bad); }
h3 i { margin-right: 0.5rem; vertical-align: -0.05rem; }
blockquote { margin: 0.25rem 1rem 1rem; padding-left: 0.9rem; border-left: 3px solid var(--line); color: var(--dim); overflow-wrap: anywhere; }
article { border-top: 1px solid var(--line); padding: 0.9rem 1rem; }
ul.checks { list-style: none; margin: 0 0 0.75rem; padding: 0; overflow-wrap: anywhere; }
li.passed > span:first-child { color: var(--good); } li.failed > span:first-child { color: var(--bad); }
li.failed { font-weight: 600; }
ol.calls { margin: 0; padding-left: 1.8rem; }
ol.calls > li::marker { color: var(--dim); font-size: 0.85rem; }
ol.calls summary { overflow-wrap: anywhere; }
code { font: 0.88em ui-monospace, monospace; font-weight: 600; }
summary.failed code { color: var(--bad); }
pre { margin: 0.4rem 0 0.6rem; padding: 0.7rem 0.9rem; background: var(--paper); border: 1px solid var(--line); border-radius: 0.4rem;
  font: 0.82em/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 24rem; overflow: auto; }
.said { margin: 0.75rem 0 0; font-style: italic; white-space: pre-wrap; overflow-wrap: anywhere; }
main { padding-bottom: 4rem; }
`;
