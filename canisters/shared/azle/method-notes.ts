// What Azle has noted of this canister's methods from their decorators.
import type { IDL } from '@dfinity/candid';

interface Noted {
  readonly canisterMethodIdlParamTypes: Readonly<Record<string, IDL.FuncClass>>;
}

function notedMethods(): Noted['canisterMethodIdlParamTypes'] {
  const noted: Noted | undefined = Reflect.get(globalThis, '_azleCanisterClassMeta');
  return noted?.canisterMethodIdlParamTypes ?? {};
}

/** Of all that it answers. */
export function replyTypes(): IDL.Type[] {
  return Object.values(notedMethods()).flatMap(({ retTypes }) => retTypes);
}

export function isQueryMethod(name: string): boolean {
  return notedMethods()[name]?.annotations.includes('query') ?? false;
}
