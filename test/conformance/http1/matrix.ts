import { type Case, readCases, textOf } from './corpus.ts';

/** A request of the matrix by which proxies are compared, as a client sends it. */
export interface MatrixRequest {
  readonly name: string;
  readonly text: string;
}

const chunkedHead = 'POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n';

/** Returns the requests of one part of the matrix. */
export function matrix(part: 'refuse' | 'pass' | 'harmless'): readonly MatrixRequest[] {
  return [
    ...ofPart('requests.json', part, ''),
    // The corpus has bodies there: this is what comes before them.
    ...ofPart('chunked.json', part, chunkedHead),
  ];
}

function ofPart(file: string, part: string, before: string): MatrixRequest[] {
  return readCases<Case<object>>(file)
    .filter(({ matrix: own }) => own === part)
    .map(({ name, bytes }) => ({ name, text: before + textOf(bytes) }));
}
