// A failed call where the program cannot go on: the command line shows its sentence and its next step.
import type { CallError } from '@tamc/client';

export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly nextStep: string;
  readonly error: CallError;

  constructor(error: CallError) {
    super(error.message);
    this.nextStep = error.nextStep;
    this.error = error;
  }
}
