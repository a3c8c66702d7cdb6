// Which code this is.

/** Grows with every release; a machine tells it, and notes it in its log when it was upgraded. */
export const machineVersion = '0.1.0';
