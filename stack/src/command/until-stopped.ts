// Keeps a command running until Ctrl-C or SIGTERM, then closes what it opened; a second Ctrl-C does not wait. What can never go on ends by
// itself, and with the reason: a process that refuses everything would only keep the next one from starting.

/** `close` is told whether somebody asked for the end. Rejects with what `failed` says. */
export function untilStopped(close: (isAsked: boolean) => Promise<void>, failed?: Promise<never>): Promise<void> {
  const stopped = new Promise<void>((resolve, reject) => {
    let isClosing = false;
    const stop = () => {
      if (isClosing) process.exit(130);
      isClosing = true;
      close(true).then(resolve, reject);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    failed?.catch((error: unknown) => {
      if (isClosing) return;
      isClosing = true;
      // What closing meets besides is its consequence.
      const end = () => reject(error);
      close(false).then(end, end);
    });
  });
  // Who has failed before it is awaited tells that instead.
  stopped.catch(() => {});
  return stopped;
}

/** For `untilStopped`: rejects with the first failure that is told. */
export function createFailed(): { readonly failed: Promise<never>; fail(error: Error): void } {
  let reject = (_: Error) => {};
  const failed = new Promise<never>((_, rejectWith) => {
    reject = rejectWith;
  });
  failed.catch(() => {});
  return { failed, fail: (error) => reject(error) };
}
