// A port that was chosen is taken or refused; one that nobody chose gives way when somebody else has it.

export interface WantedPort {
  readonly port: number;
  readonly isChosen: boolean;
}

export async function listenOn<T>({ port, isChosen }: WantedPort, listen: (port: number) => Promise<T>): Promise<T> {
  try {
    return await listen(port);
  } catch (error) {
    if (isChosen || !(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    return await listen(0);
  }
}
