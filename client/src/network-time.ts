// Requests carry a date, and this computer's clock need not be the network's: it was put back, or was ahead once, and the network's
// time never goes back. What a network refuses for its date alone was not looked at: it is asked for its time, and the request is made
// anew by that.
import {
  AgentError,
  type HttpAgent,
  HttpErrorCode,
  HttpFetchErrorCode,
  IngressExpiryInvalidErrorCode,
  TransportError,
} from '@dfinity/agent';
import { Principal } from '@dfinity/principal';

/** How a network words it, and the library looks for the same. */
export const dateRefusal = 'Invalid request expiry: ';

/** What the network said about the date; null for every other error. */
export function dateRefusalOf({ code }: AgentError): string | null {
  if (code instanceof IngressExpiryInvalidErrorCode) return code.message;
  if (code instanceof HttpErrorCode && code.bodyText?.startsWith(dateRefusal)) return code.bodyText;
  return null;
}

/** By this computer's clock, until the network was asked for its time. */
export function networkTimeNs(agent: HttpAgent): bigint {
  return BigInt(Date.now() + agent.getTimeDiffMsecs()) * 1_000_000n;
}

/** Each request by itself: an update that was taken is never made anew because a later look at it was refused. */
export function followNetworkTime(agent: HttpAgent): void {
  askOnce(agent);
  const [call, query, readState] = [agent.call.bind(agent), agent.query.bind(agent), agent.readState.bind(agent)];
  const redated = createRedating(agent);
  agent.call = (canister, options, ...more) =>
    redated(options.effectiveCanisterId ?? canister, () => call(canister, options, ...more));
  agent.query = (canister, fields, ...more) =>
    redated(fields.effectiveCanisterId ?? canister, () => query(canister, fields, ...more));
  agent.readState = (canister, fields, identity, signed) => {
    const read = () => readState(canister, fields, identity, signed);
    // One that was signed before has its date in it.
    return signed === undefined ? redated(canister, read) : read();
  };
}

/** The library takes a network that told no time for one that did, and would ask it for ever. */
function askOnce(agent: HttpAgent): void {
  const syncTime = agent.syncTime.bind(agent);
  agent.syncTime = async (near) => {
    await syncTime(near);
    if (agent.hasSyncedTime()) return;
    throw TransportError.fromCode(new HttpFetchErrorCode(new Error('the network did not tell its time')));
  };
}

type Redated = <T>(near: Principal | string, work: () => Promise<T>) => Promise<T>;

/** Who was refused while another asked for the time uses what that one learnt. */
function createRedating(agent: HttpAgent): Redated {
  let learnt = 0;
  return async (near, work) => {
    const before = learnt;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AgentError) || dateRefusalOf(error) === null) throw error;
      if (learnt === before) {
        await agent.syncTime(Principal.from(near));
        learnt++;
      }
      return await work();
    }
  };
}
