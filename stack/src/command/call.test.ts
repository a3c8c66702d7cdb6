import { expect, it } from 'vitest';
import { callErrorToJson } from './call.ts';

it('a rejection and an answer that was lost are told apart where a program reads', () => {
  const rejected = { kind: 'rejected', code: 'IC0503', message: 'no', nextStep: 'Read it.', rejectCode: 5 } as const;
  expect(callErrorToJson(rejected)).toEqual({ rejected: { message: 'no', code: 5, errorCode: 'IC0503' } });
  const lost = { kind: 'unknown', code: 'AnswerLost', message: 'cut', nextStep: 'Look.', rejectCode: null } as const;
  expect(callErrorToJson(lost)).toEqual({
    error: { message: 'cut', next: 'Look.', kind: 'unknown', code: 'AnswerLost' },
  });
});
