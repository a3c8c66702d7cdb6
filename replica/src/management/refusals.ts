// Why the management canister refuses, worded as DFINITY's replica words it: client code matches these texts.
import { type Principal, principalToText } from '../codec/principal.ts';
import { createReject, type ErrorName, type Reject } from '../errors.ts';
import type { Canister } from '../state/canister.ts';

const text = principalToText;

export function notFound(id: Principal): Reject {
  return createReject('canisterNotFound', `Canister ${text(id)} not found.`);
}

export function notController(canister: Canister, caller: Principal): Reject {
  const controllers = canister.controllers.map(text).join(' ');
  return createReject(
    'canisterInvalidController',
    `Only the controllers of the canister ${text(canister.id)} can control it.\n` +
      `Canister's controllers: ${controllers}\nSender's ID: ${text(caller)}`,
  );
}

export function notAccepted(canister: Principal, method: string): Reject {
  return createReject(
    'canisterInvalidController',
    `Only controllers of canister ${text(canister)} can call ic00 method ${method}`,
  );
}

export function onlyForCanisters(method: string): Reject {
  return createReject('canisterRejectedMessage', `Only canisters can call ic00 method ${method}`);
}

export function onlyForAdmins(caller: Principal, method: string): Reject {
  return createReject(
    'canisterRejectedMessage',
    `Caller ${text(caller)} is not allowed to call ic00 method ${method}: only subnet admins are`,
  );
}

export function noSuchMethod(method: string): Reject {
  return createReject('canisterMethodNotFound', `Management canister has no method '${method}'`);
}

export function noSuchQuery(method: string): Reject {
  return createReject('canisterMethodNotFound', `Query method ${method} not found.`);
}

export function onlyAsQuery(method: string): Reject {
  return createReject('canisterRejectedMessage', `ic00 method ${method} can only be called as a query`);
}

export function undecodable(error: string): Reject {
  return createReject('invalidManagementPayload', `Error decoding candid: ${error}`);
}

export function wrongSenderVersion(given: bigint, actual: bigint): Reject {
  return createReject(
    'canisterContractViolation',
    `Management canister call payload includes sender canister version ${given} that does not match the actual ` +
      `sender canister version ${actual}.`,
  );
}

export function foreignSubnet(id: Principal): Reject {
  return createReject('subnetNotFound', `Subnet ${text(id)} is not this subnet`);
}

/** Errors of installing carry the canister in front, like those of executing. */
export function fromCanister(error: ErrorName, id: Principal, reason: string): Reject {
  return createReject(error, `Error from Canister ${text(id)}: ${reason}`);
}

export function invalidSettings(reason: string): Reject {
  return createReject('canisterContractViolation', `Could not validate the settings: ${reason}`);
}

export function chunkStoreError(reason: string): Reject {
  return createReject('canisterContractViolation', `Error from Wasm chunk store: ${reason}.`);
}

export function overSubscribedMemory(requestedBytes: bigint, availableBytes: bigint): Reject {
  return createReject(
    'subnetOversubscribed',
    `Canister requested ${bytesToText(requestedBytes)} of memory but only ${bytesToText(availableBytes)} are ` +
      'available in the subnet.',
  );
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** As DFINITY prints sizes: two decimals in the largest unit that fits. */
export function bytesToText(bytes: bigint): string {
  let unit = 0;
  let value = Number(bytes);
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return unit === 0 ? `${bytes} B` : `${value.toFixed(2)} ${units[unit]}`;
}
