import { Option } from 'commander';

export type OutputForm = 'text' | 'json';

/** Returns `-o text|json`. JSON is a contract and says its `apiVersion`; text is for people. */
export function outputOption(): Option {
  return new Option('-o, --output <form>', 'for people or for programs')
    .choices(['text', 'json'])
    .default('text');
}

/** Of everything that is printed for programs. */
export const apiVersion = 'turnout/v1';

/** Returns a value as every command prints it for programs. */
export function jsonText(value: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ apiVersion, ...value }, undefined, 2)}\n`;
}
