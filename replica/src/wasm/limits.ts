// The numbers a module must respect. Without another reason given they are DFINITY's, as published under resource limits.

export const moduleLimits = {
  /** After decompression. */
  moduleBytes: 100 * 1024 * 1024,
  codeSectionBytes: 10 * 1024 * 1024,
  functions: 50_000,
  globals: 1_000,
  instructionsPerFunction: 1_000_000,
  complexityPerFunction: 1_000_000,
  exportedMethods: 1_000,
  exportedMethodNameBytes: 20_000,
  customSections: 16,
  customSectionBytes: 1_048_576,
} as const;

/** What V8 and our rewriting can take; a module of a real toolchain is far below. */
export const hostLimits = {
  /** These bound what parsing a hostile module may allocate. */
  types: 100_000,
  imports: 10_000,
  exports: 100_000,
  segments: 100_000,
  elementItems: 1_000_000,
  /** All tables together: an instance holds 8 bytes or more for each entry, and there are thousands of instances. */
  tableEntries: 1_000_000,
  tables: 100,
  memories: 1,
  /** One more is added to every function. V8 allows 1,000. */
  parameters: 999,
  results: 999,
  /** V8 allows 50,000; rewriting adds up to eight. */
  locals: 49_990,
  /** V8 allows 7,654,321 bytes in one function, after rewriting. */
  rewrittenFunctionBytes: 7_654_321,
} as const;
