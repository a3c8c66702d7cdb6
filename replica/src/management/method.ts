// What a management method is, in four forms: it changes or only reads, one canister or the subnet. Each form decodes,
// looks up, checks who asks, and only then runs; past decoding nothing is untyped.
import { AssertionError } from '@tamc/base/assert';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type CandidType, decodeCandid, encodeCandid } from '../codec/candid.ts';
import type { Principal } from '../codec/principal.ts';
import type { Reject } from '../errors.ts';
import type { Canister } from '../state/canister.ts';
import type { Request } from '../state/message.ts';
import type { World } from '../state/world.ts';
import { type Access, hasAccess } from './access.ts';
import { notController, notFound } from './refusals.ts';

/** How the answer of a method that changes something goes out. */
export type Answer<R> =
  | { readonly kind: 'reply'; readonly value: R; readonly accepted: bigint; readonly created: Principal | null }
  | { readonly kind: 'reject'; readonly reject: Reject }
  /** The request was stored; somebody answers it later. */
  | { readonly kind: 'pending' };

export function reply<R>(value: R, accepted = 0n, created: Principal | null = null): Answer<R> {
  return { kind: 'reply', value, accepted, created };
}

export function reject(refusal: Reject): { readonly kind: 'reject'; readonly reject: Reject } {
  return { kind: 'reject', reject: refusal };
}

/** A method with its argument decoded. */
export interface Invocation {
  /** The canister it is about; null when it is about the subnet. */
  readonly target: Principal | null;
  /** `sender_canister_version`, if given. */
  readonly senderVersion: bigint | null;
  /** Why `caller` (a user, or a canister) may not do this; null when it may. */
  refusal(world: World, caller: Principal, user: boolean): Reject | null;
  /** Only after `refusal` gave null. */
  run(world: World, request: Request): Answer<Uint8Array>;
  /** Only for methods that read, and only after `refusal` gave null. */
  read(world: World, caller: Principal): Result<Uint8Array, Reject>;
}

export interface Method {
  readonly name: string;
  readonly ingress: boolean;
  readonly canisters: boolean;
  readonly queries: boolean;
  decode(bytes: Uint8Array): Result<Invocation, string>;
}

interface Definition<A, R> {
  readonly name: string;
  /** Null: no argument. */
  readonly argument: CandidType<A> | null;
  /** Null: an empty answer. */
  readonly result: CandidType<R> | null;
  /** From users as calls, from canisters, from both as queries. */
  readonly ingress: boolean;
  readonly canisters: boolean;
}

interface OnCanister<A> {
  target(argument: A): Principal;
  readonly access: Access | 'anyone';
}

interface OnSubnet {
  /** Null = may. */
  refusal(world: World, caller: Principal, user: boolean): Reject | null;
}

export interface CanisterChange<A> {
  readonly world: World;
  readonly canister: Canister;
  readonly argument: A;
  readonly request: Request;
}

type Change<C, R> = { apply(call: C): Answer<R> };
type Read<C, R> = { readonly queries: boolean; read(call: C): Result<R, Reject> };
type SubnetChange<A> = Omit<CanisterChange<A>, 'canister'>;
type CanisterRead<A> = Omit<CanisterChange<A>, 'request'> & { readonly caller: Principal };
type SubnetRead<A> = Omit<CanisterRead<A>, 'canister'>;

export function defineCanisterChange<A, R>(
  definition: Definition<A, R> & OnCanister<A> & Change<CanisterChange<A>, R>,
): Method {
  return toMethod(definition, false, (argument) => ({
    target: definition.target(argument),
    refusal: canisterRefusal(definition, argument),
    apply: (world, request) => {
      const canister = canisterOf(world, definition.target(argument));
      return definition.apply({ world, canister, argument, request });
    },
    read: neverRead,
  }));
}

export function defineCanisterRead<A, R>(
  definition: Definition<A, R> & OnCanister<A> & Read<CanisterRead<A>, R>,
): Method {
  const read = (world: World, caller: Principal, argument: A) =>
    definition.read({ world, canister: canisterOf(world, definition.target(argument)), argument, caller });
  return toMethod(definition, definition.queries, (argument) => ({
    target: definition.target(argument),
    refusal: canisterRefusal(definition, argument),
    apply: (world, request) => toAnswer(read(world, request.caller, argument)),
    read: (world, caller) => read(world, caller, argument),
  }));
}

export function defineSubnetChange<A, R>(definition: Definition<A, R> & OnSubnet & Change<SubnetChange<A>, R>): Method {
  return toMethod(definition, false, (argument) => ({
    target: null,
    refusal: definition.refusal,
    apply: (world, request) => definition.apply({ world, argument, request }),
    read: neverRead,
  }));
}

export function defineSubnetRead<A, R>(definition: Definition<A, R> & OnSubnet & Read<SubnetRead<A>, R>): Method {
  return toMethod(definition, definition.queries, (argument) => ({
    target: null,
    refusal: definition.refusal,
    apply: (world, request) => toAnswer(definition.read({ world, argument, caller: request.caller })),
    read: (world, caller) => definition.read({ world, argument, caller }),
  }));
}

function neverRead(): never {
  throw new AssertionError('a method that changes something is not read');
}

function canisterRefusal<A>(definition: Definition<A, unknown> & OnCanister<A>, argument: A): OnSubnet['refusal'] {
  return (world, caller) => {
    const id = definition.target(argument);
    const canister = world.state.canisters.get(id);
    if (canister === undefined) return notFound(id);
    if (definition.access === 'anyone' || hasAccess(world, canister, caller, definition.access)) return null;
    return notController(canister, caller);
  };
}

function canisterOf(world: World, id: Principal): Canister {
  return world.state.canisters.get(id)!;
}

function toAnswer<R>(result: Result<R, Reject>): Answer<R> {
  return result.ok ? reply(result.value) : reject(result.error);
}

interface TypedInvocation<R> {
  readonly target: Principal | null;
  readonly refusal: OnSubnet['refusal'];
  apply(world: World, request: Request): Answer<R>;
  read(world: World, caller: Principal): Result<R, Reject>;
}

function toMethod<A, R>(
  definition: Definition<A, R>,
  queries: boolean,
  invoke: (argument: A) => TypedInvocation<R>,
): Method {
  const { name, ingress, canisters } = definition;
  const encode = resultEncoder(definition.result);
  return {
    name,
    ingress,
    canisters,
    queries,
    decode: (bytes) => {
      const argument = decodeArgument(definition.argument, bytes);
      if (!argument.ok) return argument;
      const typed = invoke(argument.value);
      return ok({
        target: typed.target,
        senderVersion: senderVersionOf(argument.value),
        refusal: typed.refusal,
        run: (world, request) => encodeAnswer(typed.apply(world, request), encode),
        read: (world, caller) => encodeResult(typed.read(world, caller), encode),
      });
    },
  };
}

type Encode<R> = (value: R) => Uint8Array;

// TypeScript does not see that Infer<CandidType<T>> is T; the next two functions are the only ones that tell it.
function resultEncoder<R>(type: CandidType<R> | null): Encode<R> {
  if (type === null) return () => encodeCandid(noTypes, []);
  const types = [type] as const;
  return (value) => encodeCandid<readonly [CandidType<R>]>(types, [value] as never);
}

const noTypes = [] as const;

function decodeArgument<A>(type: CandidType<A> | null, bytes: Uint8Array): Result<A, string> {
  const decoded = type === null ? decodeCandid(noTypes, bytes) : decodeCandid([type], bytes);
  return decoded.ok ? ok(decoded.value[0] as A) : decoded;
}

function senderVersionOf(argument: unknown): bigint | null {
  if (typeof argument !== 'object' || argument === null || !('sender_canister_version' in argument)) return null;
  const version = argument.sender_canister_version;
  return typeof version === 'bigint' ? version : null;
}

function encodeAnswer<R>(answer: Answer<R>, encode: Encode<R>): Answer<Uint8Array> {
  return answer.kind === 'reply' ? { ...answer, value: encode(answer.value) } : answer;
}

function encodeResult<R>(result: Result<R, Reject>, encode: Encode<R>): Result<Uint8Array, Reject> {
  return result.ok ? ok(encode(result.value)) : refuse(result.error);
}
