// Shell: brings the town's machines to life once. Each step looks first whether it is done, so that one that was cut off goes on
// where it stopped, and a second one does nothing.
import { ok, type Result, refuse } from '@tamc/base/result';
import { type CallError, wordOf } from '@tamc/client';
import { accountOf } from '@tamc/protocol/account';
import { sha256 } from '@tamc/protocol/hash';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { findMachines, type Person, type TownState } from './people.ts';
import { kinds, type MachinePlan, make, thingOf } from './plan.ts';
import { codeOf } from './seed.ts';

type Done = Result<null, CallError>;
const done: Done = ok(null);

/**
 * A birth takes some rounds, and on a slow machine some seconds. One at a time: several would be installed in one round, and meanwhile
 * this computer does nothing else: it gives no answer, and hears no Ctrl-C.
 */
const looksMax = 2_400;
const lookNs = 250_000_000n;
const enrolmentNs = 3_600_000_000_000n;
/** Places of work end sooner than this, and money is not held longer. */
const deadlineHours = 6n;
const deadlineNsMin = 600_000_000_000n;

export async function settleTown(town: TownState): Promise<Result<ReadonlyMap<string, PrincipalHex>, CallError>> {
  const machines = await bearMachines(town);
  if (!machines.ok) return machines;
  for (const plan of town.plan.machines) {
    const id = machines.value.get(plan.name)!;
    const equipped = await equip(town, plan, id);
    if (!equipped.ok) return equipped;
  }
  const funded = await fundCustomers(town);
  return funded.ok ? machines : funded;
}

async function bearMachines(town: TownState): Promise<Result<ReadonlyMap<string, PrincipalHex>, CallError>> {
  const { operator } = town.people;
  for (let look = 0; look < looksMax; look++) {
    const found = await findMachines(town);
    if (!found.ok) return found;
    const missing = town.plan.machines.find(({ name }) => !found.value.has(name));
    if (missing === undefined) return found;
    // One after the other, each under an id of its own: whoever orders it again is told of the same birth.
    const command_id = `town/${town.seed}/${town.plan.machines.indexOf(missing)}`;
    const ordered = await operator.registry.bear({ command_id, module_hash: [], births: [birthOf(missing)] });
    if (!ordered.ok) return ordered;
    const { first, count } = ordered.value;
    const standing = await operator.registry.births(first, count);
    if (!standing.ok) return standing;
    const stuck = standing.value.items.find(({ problem }) => problem.length > 0);
    if (stuck !== undefined) return refuse(stuckError(stuck.birth, stuck.problem[0] ?? ''));
    await town.network.pass(lookNs);
  }
  return refuse(stuckError(null, 'they take too long'));
}

function birthOf(plan: MachinePlan) {
  const { charter } = kinds[plan.kind];
  const { kind, place } = plan;
  return { operator: [] as [], kind, make, model: plan.name, place, thing: thingOf(plan), charter };
}

function stuckError(birth: number | null, problem: string): CallError {
  const which = birth === null ? 'the births of the town' : `birth ${birth} of the town`;
  const nextStep = 'Look at births() of the registry; resume_birth goes on with one that stands still.';
  return {
    kind: 'state',
    code: 'BirthStuck',
    message: `${which} do not go on: ${problem}`,
    nextStep,
    rejectCode: null,
  };
}

async function equip(town: TownState, plan: MachinePlan, id: PrincipalHex): Promise<Done> {
  const enrolled = await enrol(town, plan, id);
  return enrolled.ok ? await price(town, plan, id) : enrolled;
}

/** By a code that only the operator and the device know, and that works once. */
async function enrol({ people, seed, network }: TownState, plan: MachinePlan, id: PrincipalHex): Promise<Done> {
  const operator = people.operator.machine(id);
  const device = people.device(plan);
  const known = await operator.devices();
  if (!known.ok) return known;
  if (known.value.some(({ key }) => key.toText() === hexToPrincipal(device.id).toText())) return done;
  const code = codeOf(seed, plan.name);
  const first = await device.machine(id).enrol({ code });
  if (first.ok) return done;
  const issued = await operator.issue_enrolment({
    code_hash: sha256(code),
    label: `simulated ${plan.name}`,
    expires_ns: network.nowNs() + enrolmentNs,
  });
  if (!issued.ok) return issued;
  const second = await device.machine(id).enrol({ code });
  return second.ok ? done : second;
}

/** A price that somebody else set stands. */
async function price({ people, pace, options }: TownState, plan: MachinePlan, id: PrincipalHex): Promise<Done> {
  const machine = people.operator.machine(id);
  const tariff = await machine.tariff();
  if (!tariff.ok) return tariff;
  if (tariff.value.length > 0) return done;
  const { unit, price: unitPrice, quantityMax } = kinds[plan.kind];
  const deadlineNs = deadlineHours * pace.hourNs;
  const set = await machine.set_tariff({
    ledger: hexToPrincipal(options.ledger),
    unit: { [unit]: null },
    price: unitPrice,
    quantity_max: quantityMax,
    deadline_ns: deadlineNs < deadlineNsMin ? deadlineNsMin : deadlineNs,
    orders_at_once: 1,
  });
  return set.ok && wordOf(set.value.unit) === unit ? done : set.ok ? done : set;
}

/** A customer below the first amount is given up to the second, in minor units. */
const poorBelow = 100_000_000n;
const fundedTo = 500_000_000n;

/** Looked at before it is given: given again only to who spent it. */
export async function fundCustomers({ people, network }: TownState): Promise<Done> {
  for (const customer of people.customers) {
    const funded = await fund(people.minter, customer, network.nowNs());
    if (!funded.ok) return funded;
  }
  return done;
}

async function fund(minter: Person, { id }: Person, createdNs: bigint): Promise<Done> {
  const balance = await minter.ledger.balanceOf(accountOf(id));
  if (!balance.ok) return balance;
  if (balance.value >= poorBelow) return done;
  const given = await minter.ledger.transfer({ to: accountOf(id), amount: fundedTo - balance.value, createdNs });
  return given.ok ? done : given;
}
