// What Azle's QuickJS offers besides the language, as far as code shared with canisters uses it.
declare const console: { error(...data: unknown[]): void; log(...data: unknown[]): void };

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label: 'utf-8', options: { readonly fatal: boolean; readonly ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}
