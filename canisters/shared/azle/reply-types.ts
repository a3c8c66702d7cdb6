// The types of all that this canister answers, as Azle has noted them from the methods' decorators.
import type { IDL } from '@dfinity/candid';

interface Noted {
  readonly canisterMethodIdlParamTypes: Readonly<Record<string, IDL.FuncClass>>;
}

export function replyTypes(): IDL.Type[] {
  const noted: Noted | undefined = Reflect.get(globalThis, '_azleCanisterClassMeta');
  return Object.values(noted?.canisterMethodIdlParamTypes ?? {}).flatMap(({ retTypes }) => retTypes);
}
