// A canister to start from: a number, a greeting, and a history that survives upgrades because it lies in stable memory.
import { IDL, msgCaller, type Principal, query, StableBTreeMap, time, update } from 'azle';

const Step = IDL.Record({ count: IDL.Nat, who: IDL.Principal, time: IDL.Nat64 });
type Step = { count: bigint; who: Principal; time: bigint };

/** The newest steps a reader gets at once: a reply must stay small however long the history grows. */
const stepsShown = 20;

const history = new StableBTreeMap<number, Step>(0);

export default class {
  @query([], IDL.Nat)
  count(): bigint {
    return BigInt(history.len());
  }

  @update([], IDL.Nat)
  increment(): bigint {
    const count = BigInt(history.len() + 1);
    history.insert(Number(count), { count, who: msgCaller(), time: time() });
    return count;
  }

  @query([IDL.Text], IDL.Text)
  greet(name: string): string {
    return `Hello, ${name}! The count is ${history.len()}.`;
  }

  /** The newest steps first. */
  @query([], IDL.Vec(Step))
  history(): Step[] {
    const length = history.len();
    const numbers = Array.from({ length: Math.min(length, stepsShown) }, (_, i) => length - i);
    return numbers.flatMap((number) => history.get(number) ?? []);
  }
}
