// deposit_cycles moves the cycles of the call into a canister; provisional_top_up_canister makes new ones.
import { addCycles } from '../cycles/balance.ts';
import { tooManyCycles } from './create.ts';
import { nat128Max } from './limits.ts';
import { defineCanisterChange, reject, reply } from './method.ts';
import { canisterIdRecord, provisionalTopUpCanisterArgs } from './types.ts';

export const depositCycles = defineCanisterChange({
  name: 'deposit_cycles',
  argument: canisterIdRecord,
  result: null,
  ingress: false,
  canisters: true,
  access: 'anyone',
  target: (argument) => argument.canister_id,
  apply: ({ canister, request }) => {
    canister.cycles = addCycles(canister.cycles, request.cycles);
    return reply(null, request.cycles);
  },
});

export const provisionalTopUp = defineCanisterChange({
  name: 'provisional_top_up_canister',
  argument: provisionalTopUpCanisterArgs,
  result: null,
  ingress: true,
  canisters: true,
  access: 'anyone',
  target: (argument) => argument.canister_id,
  apply: ({ canister, argument }) => {
    if (argument.amount > nat128Max) return reject(tooManyCycles(argument.amount));
    canister.cycles = addCycles(canister.cycles, argument.amount);
    return reply(null);
  },
});
