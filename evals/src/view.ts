// A log as one page: what was tried, how it went, and every call of every trial. It loads nothing and runs nothing; whatever a
// stranger wrote into the log is shown as text.
import { percent } from './compare.ts';
import { type Html, html, join, raw } from './html.ts';
import type { CallLine, Log, ScenarioNote, TrialLine } from './log.ts';
import { costOf, outcomeOf, seconds } from './render.ts';
import { type ScenarioSummary, type Summary, summarize } from './summary.ts';
import { style } from './view-style.ts';

export function renderPage(log: Log): string {
  const summary = summarize(log);
  const title = `${summary.host}: ${summary.passed} of ${summary.trials}`;
  const notes = new Map(log.runs.flatMap(({ scenarios }) => scenarios).map((note) => [note.name, note]));
  const scenarios = summary.scenarios.map((scenario) => renderScenario(log, scenario, notes.get(scenario.name)));
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${raw(style)}</style></head><body>
<header><p class="kicker">Evals of the Autonomous Machine Cloud</p><h1>${summary.host}</h1>
<p class="dim">Suite ${summary.suite}, ${log.runs[0]?.at.slice(0, 16).replace('T', ' ') ?? ''}</p></header>
<main>${renderTiles(summary)}${renderChances(summary)}
<section><h2>Scenarios</h2>${join(scenarios)}</section></main>
</body></html>
`.text;
}

function renderTiles(summary: Summary): Html {
  const { trials, passed, interval, harmed, attacks, infra, torn } = summary;
  const range = interval === null ? '' : `95 %: ${percent(interval.low)} to ${percent(interval.high)}`;
  const under =
    attacks.trials === 0
      ? ''
      : `of ${attacks.trials} attacks ${attacks.harmed} succeeded, ${attacks.stopped} were stopped`;
  const tiles: readonly (readonly [string, string, string, string])[] = [
    ['Passed', `${passed}/${trials}`, range, ''],
    ['Harm', `${harmed}`, under, harmed > 0 ? 'bad' : ''],
    ['Calls', `${summary.calls}`, seconds(summary.tookMs), ''],
    ['Cost', costOf(summary.costUsd), tokensOf(summary), ''],
    ...(infra === 0 ? [] : ([['No result', `${infra}`, 'failed beside the host', 'bad']] as const)),
    ...(torn === 0 ? [] : ([['Log', `${torn}`, 'line cut off', 'bad']] as const)),
  ];
  return html`<section class="tiles">${join(tiles.map(renderTile))}</section>`;
}

function renderTile([name, value, more, tone]: readonly [string, string, string, string]): Html {
  return html`<div class="tile ${tone}"><span>${name}</span><b>${value}</b><small>${more}</small></div>`;
}

function tokensOf({ tokens }: Summary): string {
  return tokens.input + tokens.output === 0 ? 'no model' : `${tokens.input} tokens in, ${tokens.output} out`;
}

function renderChances({ atK }: Summary): Html {
  if (atK.length < 2) return html``;
  const rows = atK.map(
    ({ k, passAtK, passAllK }) => html`<tr><td>${k}</td><td>${percent(passAtK)}</td><td>${percent(passAllK)}</td></tr>`,
  );
  return html`<section><h2>Of k trials</h2><table><thead><tr><th>k</th><th>one passes (pass@k)</th><th>all pass (pass^k)</th></tr></thead><tbody>${join(rows)}</tbody></table></section>`;
}

function renderScenario(log: Log, summary: ScenarioSummary, note: ScenarioNote | undefined): Html {
  const { name, version, title, trials, passed } = summary;
  const own = log.trials.filter((trial) => trial.scenario === name && trial.version === version);
  const dots = own.map(
    (trial) => html`<i class="${outcomeOf(trial)}" title="#${trial.number} ${outcomeOf(trial)}"></i>`,
  );
  const calls = (trial: TrialLine) => log.calls.filter((call) => call.trial === trial.trial);
  const shown = own.map((trial) => renderTrial(trial, calls(trial)));
  return html`<details class="scenario"><summary><span class="dots">${join(dots)}</span><b>${title}</b><span class="dim">${name}, ${summary.class}</span><span class="count">${passed}/${trials}</span></summary>
<blockquote>${note?.task ?? ''}</blockquote>${join(shown)}</details>`;
}

function renderTrial(trial: TrialLine, calls: readonly CallLine[]): Html {
  const { number, ended, checks, said, tookMs, costUsd } = trial;
  const outcome = outcomeOf(trial);
  const seen = checks.map(renderCheck);
  return html`<article><h3><i class="${outcome}"></i>Trial ${number}: ${outcome} <span class="dim">ended: ${ended}; ${calls.length} calls, ${seconds(tookMs)}, ${costOf(costUsd)}</span></h3>
<ul class="checks">${join(seen)}</ul>
<ol class="calls">${join(calls.map(renderCall))}</ol>
<p class="said">${said}</p></article>`;
}

function renderCheck({ name, about, passed, found }: TrialLine['checks'][number]): Html {
  const mark = passed ? 'passed' : 'failed';
  return html`<li class="${mark}"><span>${passed ? '✓' : '✗'}</span> ${name} <span class="dim">${about}: ${found}</span></li>`;
}

function renderCall({ number, tool, args, isError, text, tookMs }: CallLine): Html {
  const words = Object.entries(args).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return html`<li value="${number}"><details><summary class="${isError ? 'failed' : ''}"><code>${tool}</code> <span class="dim">${words.join(', ').slice(0, 160)}</span> <small>${tookMs} ms</small></summary>
<pre>${JSON.stringify(args, null, 2)}</pre><pre>${indented(text)}</pre></details></li>`;
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
