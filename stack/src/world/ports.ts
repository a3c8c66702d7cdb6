// A port that was chosen is taken or refused; one that nobody chose gives way when somebody else has it.

export interface WantedPort {
  readonly port: number;
  readonly isChosen: boolean;
  /** With which it is chosen: `--port`. */
  readonly option: string;
}

/** Of Node, and of the replica. */
const takenCodes: readonly unknown[] = ['EADDRINUSE', 'cannotListen'];

export async function listenOn<T>(
  { port, isChosen, option }: WantedPort,
  listen: (port: number) => Promise<T>,
): Promise<T> {
  try {
    return await listen(port);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && takenCodes.includes(error.code))) throw error;
    if (isChosen) throw new PortTaken(port, option);
    return await listen(0);
  }
}

class PortTaken extends Error {
  override readonly name = 'PortTaken';
  readonly nextStep: string;

  constructor(port: number, option: string) {
    super(`Nothing can listen on port ${port} here: another program has it, or it is reserved.`);
    this.nextStep = `Choose another with ${option} N, or 0 for any free one: npm start -- ${option} 0`;
  }
}
