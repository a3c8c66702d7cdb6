// Who the caller is on a machine, and whether the machine can do anything new now: asked before a person is, so that nobody agrees to
// what can only fail. The canister decides all the same, and everything again.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Machine, MachineViewReply, MandateReply, OverviewReply } from '@tamc/client';
import type { Power } from '@tamc/protocol/powers';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { fence, fenceUnlessWord } from './fence.ts';
import { toProblem } from './found.ts';
import type { Problem } from './tool.ts';
import { toToolWords } from './tool-words.ts';

export interface Standing {
  readonly view: MachineViewReply;
  /** Its own, beside those that every machine has. */
  readonly actions: readonly string[];
  readonly isOperator: boolean;
  /** Of the remote control. */
  readonly isHolder: boolean;
  /** In force, of the caller. */
  readonly mandates: readonly MandateReply[];
}

export async function readStanding(machine: Machine, self: PrincipalHex): Promise<Result<Standing, Problem>> {
  const read = await machine.overview({ commands: 0 });
  if (!read.ok) return refuse(toProblem(read.error));
  return ok(standingOf(read.value, self));
}

export function standingOf(
  {
    machine: view,
    identity: { actions },
    own_mandates: mandates,
  }: Pick<OverviewReply, 'machine' | 'identity' | 'own_mandates'>,
  self: PrincipalHex,
): Standing {
  return {
    view,
    actions,
    isOperator: principalToHex(view.operator) === self,
    isHolder: view.lease.some(({ holder }) => principalToHex(holder) === self),
    mandates: mandates.filter(({ is_live, delegate }) => is_live && principalToHex(delegate) === self),
  };
}

/** What a machine is called: a stranger's word, and a person knows it by that. */
export function nameOf({ kind, model }: Pick<MachineViewReply, 'kind' | 'model'>): string {
  return `${fenceUnlessWord(kind)} ${fence(model, 40)}`;
}

export function powerProblem({ view, isOperator, mandates }: Standing, power: Power): Problem | null {
  if (isOperator || mandates.some(({ terms }) => terms.powers.includes(power))) return null;
  const nextStep = `Ask the operator ${view.operator.toText()} for a mandate with this power.`;
  return say('PowerMissing', `you have no mandate in force here with the power \`${power}\``, nextStep);
}

/** What keeps it from beginning anything. */
export function blockProblem({ view }: Standing): Problem | null {
  if (view.stopped.length > 0) {
    const nextStep = `The operator ${view.operator.toText()} releases it when it is safe; \`stop\` with release asks for that.`;
    return say('MachineStopped', 'the machine is stopped', nextStep);
  }
  if (view.frozen) {
    const nextStep = 'Have money sent to it; it buys cycles by itself.';
    return say(
      'MachineFrozen',
      'the machine has too few cycles left and is frozen; it obeys nothing but a stop',
      nextStep,
    );
  }
  if (!view.quiet) return null;
  return say(
    'UpgradeUnderWay',
    'the machine is about to be upgraded and starts nothing new',
    'Try again in a few minutes.',
  );
}

/** What keeps its device from moving for the caller. */
export function deviceProblem(standing: Standing, device?: number): Problem | null {
  const { view, isHolder, isOperator } = standing;
  const [lease] = view.lease;
  if (lease !== undefined && !isHolder && !isOperator) {
    return say(
      'LeaseHeld',
      'somebody else holds the remote control of this machine',
      'Wait until it ends: `machine` shows when.',
    );
  }
  if (view.devices.length === 0) return say('NoDevice', 'this machine has no device');
  const isKnown = device === undefined || view.devices.some((one) => one.device === device);
  return isKnown ? null : say('DeviceUnknown', `this machine has no device ${device}`);
}

const say = (code: string, message: string, nextStep = ''): Problem => toToolWords({ code, message, nextStep });

export function refuseFirst(...problems: readonly (Problem | null)[]): Result<null, Problem> {
  const first = problems.find((problem) => problem !== null);
  return first === undefined ? ok(null) : refuse(first);
}
