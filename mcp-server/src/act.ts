// What a tool that changes something does with a call: plan, confirmation, act. A plan that needs a person is put to that person by
// their host where the host can ask, else it goes back with a token. Only a token of exactly this plan gets past here, once.
import { ok, type Result, refuse } from '@tamc/base/result';
import { planToFacts } from './answer.ts';
import type { Confirmations, ConfirmProblem, ConfirmSubject } from './confirm.ts';
import { isLost } from './lost.ts';
import type { Mode } from './mode.ts';
import type { Repetitions } from './repetitions.ts';
import type { Facts, Plan, Problem, ToolContext, WriteTool } from './tool.ts';

/** What a person is asked first; the token comes back with what they said. */
export interface Question {
  readonly text: string;
  readonly token: string;
}

/** Either what happened, or what a person has to say before anything happens. */
export type Answer = { readonly facts: Facts } | { readonly question: Question };

/** What the host brought back from its person. `cancel`: nobody decided, or nobody was there. */
export interface Said {
  readonly token: string;
  readonly action: 'accept' | 'decline' | 'cancel';
}

export interface Asking {
  /** The host said that it can put a question to a person. */
  readonly canAsk: boolean;
  readonly said: Said | null;
}

export interface ActSettings extends Pick<Mode, 'isSimulated'> {
  readonly confirmations: Confirmations;
  /** Which acts have begun, and how those ended whose canisters know no command ids. */
  readonly repetitions?: Repetitions;
  /** Called when the act is about to begin; what it says keeps it from beginning. */
  readonly begin?: () => Problem | null;
}

/** Runs from the top each time a call comes back with an answer: what is done once is done past the token. */
export async function planAndAct(
  settings: ActSettings,
  tool: WriteTool,
  args: Readonly<Record<string, unknown>>,
  caller: string,
  confirm: string | undefined,
  asking: Asking,
  context: ToolContext,
): Promise<Result<Answer, Problem>> {
  // The tool's own schema has parsed them.
  const isRepetition = settings.repetitions?.isBegun(context.commandId) ?? false;
  const asked = { ...context, isRepetition };
  const plan = await tool.plan(args as never, asked);
  if (!plan.ok) return refuse(ofReading(plan.error));
  if (settings.isSimulated) return ok({ facts: simulated(plan.value) });
  const { confirmations } = settings;
  const { boundTo } = plan.value;
  const subject = { tool: tool.name, args: boundTo === undefined ? args : { ...args, boundTo }, caller };
  const said = confirm === undefined ? asking.said : { token: confirm, action: 'accept' as const };
  if (said !== null && said.action !== 'cancel') {
    const redeemed = confirmations.redeem(said.token, subject);
    if (!redeemed.ok) return refuse(confirmProblem(redeemed.error));
    if (said.action === 'decline') return ok({ facts: declined(plan.value) });
  } else if (plan.value.needsConfirmation) {
    return ok(unconfirmed(confirmations, subject, plan.value, asking));
  }
  const kept = settings.begin?.() ?? null;
  if (kept !== null) return refuse(kept);
  const what = [tool.name, args];
  const { ground, isThere = false } = plan.value;
  if (ground !== undefined && !isThere && settings.repetitions?.isOvertaken(context.commandId, ground) === true) {
    return refuse(overtaken);
  }
  settings.repetitions?.begin(context.commandId, what, ground);
  const now = () => act(tool, plan.value, asked);
  const repetitions = tool.isOnceHere === true ? settings.repetitions : undefined;
  const secret = tool.secretFacts?.(plan.value.prepared as never, context);
  const done = await (repetitions?.once(context.commandId, what, now, secret) ?? now());
  return done.ok ? ok({ facts: done.value }) : done;
}

/** Who can be asked is who decides: their assistant gets no token, not even when they closed the question. */
function unconfirmed(
  confirmations: Confirmations,
  subject: ConfirmSubject,
  plan: Plan,
  { canAsk, said }: Asking,
): Answer {
  if (canAsk && said !== null) return { facts: undecided(plan) };
  const { token, expiresMs } = confirmations.issue(subject);
  if (canAsk) return { question: { text: plan.summary, token } };
  return { facts: planToFacts(plan, token, expiresMs) };
}

async function act(tool: WriteTool, plan: Plan, context: ToolContext): Promise<Result<Facts, Problem>> {
  const done = await tool.act(plan.prepared as never, context);
  return done.ok || !isLost(done.error) ? done : refuse(lost(done.error, context.commandId));
}

/** Of what changes nothing, however it asks the network: that an answer was lost does not make anybody wonder what was done. */
export function ofReading(problem: Problem): Problem {
  return problem.code === 'AnswerLost' ? { ...problem, code: 'ReadFailed', nextStep: readAgain } : problem;
}

const readAgain =
  'Nothing was changed: this was only to be read. Make the same call again; if it stays so, ask the person to look with `npx tamc doctor`.';

function lost({ code, message }: Problem, commandId: string): Problem {
  const nextStep = `It may have been done. Call again with the same arguments and the command_id ${JSON.stringify(commandId)}: it is done once, and the answer tells how it ended.`;
  return { code, message, nextStep };
}

const overtaken: Problem = {
  code: 'Overtaken',
  message: 'this act began before, how it ended is not known here, and what it was to change was changed since',
  nextStep:
    'Nothing was done now. Look at how it is; if the act is still wanted, send it with a command_id of its own.',
};

function simulated({ summary, facts }: Plan): Facts {
  return { ...facts, status: 'simulated', plan: summary, next: 'Nothing happened: this server only simulates.' };
}

function undecided({ summary, facts }: Plan): Facts {
  const next =
    'Nothing has happened yet: the person was asked and did not decide. Tell them what it is about; when they want it, call again with the same arguments, and they are asked again.';
  return { ...facts, status: 'confirmation_needed', plan: summary, next };
}

function declined({ summary }: Plan): Facts {
  const next = 'Nothing happened: the person was asked and said no. Do not try it another way; ask what they want.';
  return { status: 'declined', plan: summary, next };
}

const confirmTexts: Readonly<Record<ConfirmProblem, string>> = {
  malformed: 'this is no confirm token',
  other: 'this token belongs to another plan: another tool, other arguments, or another connection',
  expired: 'this token has expired',
  used: 'this token was used already',
};

function confirmProblem(problem: ConfirmProblem): Problem {
  const nextStep = 'Call the tool without `confirm` to get a new plan, and confirm that one.';
  return { code: 'ConfirmInvalid', message: confirmTexts[problem], nextStep };
}
