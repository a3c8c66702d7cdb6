// The page on which the owner decides, as HTML: works without scripts, and shows nothing of a request but what its payload says.
import { principalToText } from '@tamc/protocol/principal';
import type { Waiting } from '../approve/waiting.ts';
import { harmless } from '../show/cells.ts';

export interface ApprovePage {
  /** Null: nobody looked. */
  readonly waiting: readonly Waiting[] | null;
  /** Of this start of the server: a page of somebody else's cannot know it. */
  readonly token: string;
  readonly style: string;
  /** What became of the last decision. */
  readonly notice: Notice | null;
  readonly hasOwner: boolean;
}

export interface Notice {
  readonly text: string;
  readonly isBad: boolean;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

export function renderApprovePage({ waiting, token, style, notice, hasOwner }: ApprovePage): string {
  const empty = hasOwner
    ? ''
    : section('<p>There is no owner here yet: run <code>npx tamc owner</code> in your terminal.</p>');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Approve · Autonomous Machine Cloud</title>
<style>${style}</style>
</head>
<body>
<main>
  <h1>For you to decide</h1>
  <p class="quiet">${headOf(waiting)} Only your passphrase decides: no assistant has it. <a href="/">Back to the machines</a></p>
  <div class="stack">
${notice === null ? '' : section(`<p role="status">${escapeHtml(notice.text)}</p>`, notice.isBad ? 'notice bad' : 'notice')}
${empty}${(waiting ?? []).map((one) => renderRequest(one, token)).join('\n')}
  </div>
</main>
</body>
</html>
`;
}

function headOf(waiting: readonly Waiting[] | null): string {
  if (waiting === null) return '<a href="/approve">See what waits for you.</a>';
  const count = waiting.length;
  return count === 0
    ? 'Nothing waits for you.'
    : `${count} ${count === 1 ? 'request waits' : 'requests wait'} for you.`;
}

function section(content: string, classes = ''): string {
  return `    <section class="${classes}">${content}</section>`;
}

/** What stands in quotation marks is in the words of who asks, or of who stopped the machine: it says so, and runs into no other fact. */
const quotation = /^([a-z ]+: )(".*)$/;

function renderFact(fact: string): string {
  const [, name, words] = quotation.exec(fact) ?? [];
  if (name === undefined || words === undefined) return `<p>${escapeHtml(fact)}</p>`;
  return `<p>${name}<bdi class="said">${escapeHtml(words)}</bdi> <small>in their own words</small></p>`;
}

function renderRequest(one: Waiting, token: string): string {
  const { name, request, machine, hash, problem } = one;
  const facts = one.text.split('\n').map((fact) => renderFact(harmless(fact)));
  const hidden = Object.entries({ token, machine: principalToText(machine), request: String(request), hash });
  const approve = problem === null ? '<button type="submit" name="decision" value="approve">Approve</button>' : '';
  return section(`
      <h2>${escapeHtml(harmless(name))}, request ${request}</h2>
      <div class="facts">${facts.join('')}</div>
      <form method="post" action="/approve" autocomplete="off">
        ${hidden.map(([key, value]) => `<input type="hidden" name="${key}" value="${escapeHtml(value)}">`).join('')}
        <div class="row">
          <input type="password" name="passphrase" required maxlength="1024" autocomplete="off" placeholder="Your passphrase" aria-label="Your passphrase for request ${request} of ${escapeHtml(harmless(name))}">
          ${approve}
          <button type="submit" name="decision" value="decline" class="quiet-button">Decline</button>
        </div>
      </form>
    `);
}
