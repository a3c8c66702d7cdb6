// `create_machines`: 1 to 50 machines of one sort brought to life as one planned act. The owner of this world operates them.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Registry } from '@tamc/client';
import { bindRegistry } from '@tamc/client/registry';
import { charterFault, personaFault } from '@tamc/protocol/identity-faults';
import type { CandidGrant, CandidMandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal, type PrincipalHex, principalToHex, principalToText } from '@tamc/protocol/principal';
import type { CandidBirthArgs } from '@tamc/protocol/registry-candid';
import { parseThing, thingContexts } from '@tamc/protocol/thing';
import { z } from 'zod';
import { renderMoney } from '../amounts.ts';
import { type BirthFacts, isBorn, readBirths } from '../births.ts';
import { allFound, type Reply, toProblem } from '../found.ts';
import { birthsMax, jobToHandle } from '../jobs.ts';
import { defineWriteTool, type Facts, type Found, type Problem, type ToolContext } from '../tool.ts';
import { waitUntil } from '../wait.ts';
import type { Access } from '../world.ts';

/** Shorter than the minute after which hosts give up; what is not born by then goes on by itself. */
const wait = { timeoutMs: 40_000, pauseMs: 250 };

const input = z.object({
  count: z.number().int().min(1).max(birthsMax),
  kind: z.string().min(1).max(32).describe('e.g. washer'),
  make: z.string().min(1).max(64),
  model: z.string().min(1).max(64),
  place: z.string().min(1).max(12).describe('geohash'),
  actions: z.array(z.string().max(64)).max(60).optional().describe('beyond start, stop, safe'),
  charter: z.string().max(4_000).optional(),
});
type Wanted = z.output<typeof input>;

export const createMachinesTool = defineWriteTool({
  name: 'create_machines',
  title: 'Create machines',
  description: 'Brings 1 to 50 machines of one sort to life; the owner of this world operates them.',
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access }) => {
    if (access.owner === null) return refuse(ownerless);
    const { owner } = access;
    const fault = birthProblem(wanted);
    if (fault !== null) return refuse(fault);
    const registry = bindRegistry(access.connection, access.registry);
    const standing = registry.standing_mandates(hexToPrincipal(owner));
    const read = await allFound({ settings: registry.settings(), standing, ledgers: registry.ledgers() });
    if (!read.ok) return read;
    const isOwn = ({ delegate, terms }: CandidGrant) =>
      principalToHex(delegate) === access.connection.self && terms.expires_ns > access.nowNs();
    const own = read.value.standing.find(isOwn);
    if (own === undefined && owner !== access.connection.self) return refuse(notAdmitted(access));
    const operator = principalToText(owner);
    return ok({
      prepared: { ...wanted, owner },
      summary: summaryOf(
        wanted,
        operator,
        read.value.settings.birth_cycles,
        mandateText(own?.terms, read.value.ledgers),
      ),
      facts: { ...wanted, operator },
      needsConfirmation: true,
    });
  },
  act: (prepared, context) => createMachines(prepared, context),
});

/** Everything that a person would want to know of what they agree to. */
function summaryOf(wanted: Wanted, operator: string, cycles: bigint, mandate: string): string {
  const { count, kind, make, model, place, actions = [], charter } = wanted;
  const able =
    actions.length === 0 ? '' : `, that can ${actions.slice(0, 12).join(', ')}${actions.length > 12 ? ' …' : ''}`;
  const texts = charter === undefined ? '' : ` Charter: ${JSON.stringify(charter.slice(0, 300))}.`;
  return `Bring ${count} × ${kind}, ${JSON.stringify(make)} ${JSON.stringify(model)} at ${place}${able}, to life for the owner of this world (${operator}), with ${cycles} cycles each.${texts}${mandate}`;
}

function mandateText(terms: CandidMandateTerms | undefined, ledgers: Reply<Registry['ledgers']>): string {
  if (terms === undefined) return '';
  const ledger = ledgers.find((one) => one.ledger.id.toText() === terms.ledger.toText())?.ledger;
  const money = (units: bigint) => (ledger === undefined ? `${units} minor units` : renderMoney(units, ledger));
  const { budget, ask_above, powers } = terms;
  const hours = budget.period_ns / 3_600_000_000_000n;
  const may = powers.length === 0 ? '' : ` Its powers there: ${powers.join(', ')}.`;
  return ` On each the assistant may spend ${money(budget.amount)} per ${hours} h, up to ${money(ask_above)} at a time unasked.${may}`;
}

/** As the registry will judge it: nobody is asked about what it refuses. */
function birthProblem(wanted: Wanted): Problem | null {
  const fault = personaFault(wanted) ?? charterFault(wanted.charter ?? '');
  if (fault !== null) return wrong(fault.field, fault.wanted);
  const thing = parseThing(birthOf(wanted).thing);
  return thing.ok ? null : wrong('actions', `names of actions, but ${thing.error}`);
}

const wrong = (name: string, wanted: string): Problem => ({
  code: 'FieldInvalid',
  message: `\`${name}\` must be ${wanted}`,
  nextStep: `Correct \`${name}\` and call again.`,
});

const ownerless: Problem = {
  code: 'NobodyOwnsThis',
  message: 'nobody owns this world yet, and a machine needs an operator',
  nextStep: 'Ask the person to run `npx tamc owner` in a terminal of their own, then try again.',
};

function notAdmitted({ name = 'NAME' }: Access): Problem {
  return {
    code: 'BirthForOther',
    message:
      'the owner of this world has not admitted you: machines of theirs come to life only with a mandate for you',
    nextStep: `Ask the person to run \`npx tamc owner --admit ${name}\` in a terminal of their own, then try again.`,
  };
}

interface Prepared extends Wanted {
  readonly owner: PrincipalHex;
}

async function createMachines({ owner, ...wanted }: Prepared, context: ToolContext): Found {
  const { connection, registry } = context.access;
  const birth = { ...birthOf(wanted), operator: [hexToPrincipal(owner)] as CandidBirthArgs['operator'] };
  const ordered = await bindRegistry(connection, registry).bear({
    command_id: context.commandId,
    module_hash: [],
    births: Array.from({ length: wanted.count }, () => birth),
  });
  if (!ordered.ok)
    return refuse(ordered.error.code === 'BirthForOther' ? notAdmitted(context.access) : toProblem(ordered.error));
  const { first, count } = ordered.value;
  const births = await waitUntil(
    () => lookAt(context, first, count),
    (seen) => seen.ok && seen.value.every(isBorn),
    wait,
  );
  // They are ordered: that looking at them failed undoes nothing.
  return ok(outcomeOf(first, count, births.ok ? births.value : []));
}

async function lookAt(context: ToolContext, first: number, count: number): Promise<Result<BirthFacts[], Problem>> {
  const births = await readBirths(context.access, first, count);
  if (births.ok) context.progress(`${births.value.filter(isBorn).length} of ${count} born`);
  return births;
}

function outcomeOf(first: number, count: number, births: readonly BirthFacts[]): Facts {
  const isDone = births.length === count && births.every(isBorn);
  return {
    status: isDone ? 'born' : 'under_way',
    job: jobToHandle({ kind: 'births', first, count }),
    count,
    machines: births.flatMap(({ machine }) => machine ?? []),
    next: isDone
      ? 'Your mandate is on them from birth: `machine` shows what it allows. Then enrol_device and set_tariff.'
      : 'They go on by themselves: look with `job`.',
  };
}

function birthOf({ kind, make, model, place, actions = [], charter }: Wanted): Omit<CandidBirthArgs, 'operator'> {
  const thing = JSON.stringify({
    '@context': thingContexts[0],
    title: kind,
    securityDefinitions: { none: { scheme: 'nosec' } },
    security: 'none',
    actions: Object.fromEntries(actions.map((action) => [action, { forms: [{ href: action }] }])),
  });
  return {
    kind,
    make,
    model,
    place,
    thing,
    charter: charter ?? '',
  };
}
