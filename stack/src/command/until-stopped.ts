// Keeps a command running until Ctrl-C or SIGTERM, then closes what it opened; a second Ctrl-C does not wait.

export function untilStopped(close: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let isClosing = false;
    const stop = () => {
      if (isClosing) process.exit(130);
      isClosing = true;
      close().then(resolve, reject);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
