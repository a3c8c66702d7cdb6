// Shell (terminal): one key for an answer. Ctrl-C and the end of the input mean the last of the choices.

export async function readKey(question: string, choices: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return await new Promise((resolve) => {
    const end = (key: string) => {
      stdin.off('data', take);
      stdin.off('end', leave);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write(`${key}\n`);
      resolve(key);
    };
    const leave = () => end(choices.at(-1)!);
    const take = (chunk: string) => {
      for (const key of chunk.toLowerCase()) {
        if (key === '\u0003' || key === '\u0004') return leave();
        if (choices.includes(key)) return end(key);
      }
    };
    stdin.on('data', take);
    stdin.on('end', leave);
  });
}
