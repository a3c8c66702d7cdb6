import { expect, it } from 'vitest';
import { createReject, type ErrorName, errorCodes, errorCodeText, rejectCodes } from './errors.ts';

it('reject codes are the six of the specification [reject.codes]', () => {
  expect(rejectCodes).toEqual({
    sysFatal: 1,
    sysTransient: 2,
    destinationInvalid: 3,
    canisterReject: 4,
    canisterError: 5,
    sysUnknown: 6,
  });
});

it('every error code is of the form IC0000, differs from the others, and tells its reject code [reject.codes]', () => {
  const names = Object.keys(errorCodes) as ErrorName[];
  for (const name of names) {
    const { code } = createReject(name, 'text');
    expect(Object.values(rejectCodes)).toContain(code);
    expect(errorCodeText(name)).toMatch(new RegExp(`^IC0${code}\\d\\d$`));
  }
  expect(new Set(names.map(errorCodeText)).size).toBe(names.length);
});
