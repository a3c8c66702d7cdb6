// Shell: whether a process of this computer still runs, by the id that it left in a file.
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
