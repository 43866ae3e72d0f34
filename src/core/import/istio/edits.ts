import type { Tree } from '#core/document/tree';
import type { Report } from '../finding.ts';
import type { WrittenHeaders } from '../imported-route.ts';
import { entriesAt, placeOf, textsAt } from '../value.ts';

/** Fields that a document may not edit: they frame a message, or are said elsewhere. */
const own =
  /^(?:connection|content-length|expect|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|:.*)$/i;

type Edits = NonNullable<WrittenHeaders['request']>;

/** Returns the edits of headers that `headers` asks for; undefined: none. */
export function editsOf(headers: Tree | undefined, report: Report): WrittenHeaders | undefined {
  if (headers === undefined) return undefined;
  const request = oneWay(headers, 'request', report);
  const response = oneWay(headers, 'response', report);
  if (request === undefined && response === undefined) return undefined;
  return {
    ...(request === undefined ? {} : { request }),
    ...(response === undefined ? {} : { response }),
  };
}

function oneWay(headers: Tree, way: 'request' | 'response', report: Report): Edits | undefined {
  const set = values(headers, [way, 'set'], report);
  const add = values(headers, [way, 'add'], report);
  const remove = textsAt(headers, [way, 'remove']).filter((name) =>
    isEditable(headers, [way, 'remove'], name, report),
  );
  const edits = {
    ...(Object.keys(set).length === 0 ? {} : { set }),
    ...(Object.keys(add).length === 0 ? {} : { add }),
    ...(remove.length === 0 ? {} : { remove: [...remove] }),
  };
  return Object.keys(edits).length === 0 ? undefined : edits;
}

function values(headers: Tree, path: readonly string[], report: Report): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, { value }] of entriesAt(headers, path)) {
    const text = String(value);
    if (!isEditable(headers, [...path, name], name, report)) continue;
    // Envoy's own variables; a percent sign itself is written twice.
    if (/%[A-Z_]+(?:\(|%)/.test(text)) {
      const message = `header ${name} is left out: its value has a variable of Envoy`;
      report({ code: 'TN6002', message, span: placeOf(headers, [...path, name]) });
      continue;
    }
    kept[name.toLowerCase()] = text.replaceAll('%%', '%');
  }
  return kept;
}

function isEditable(headers: Tree, path: readonly string[], name: string, report: Report): boolean {
  if (!own.test(name)) return true;
  report({
    code: 'TN6002',
    message: `header ${name} is left out: Turnout writes it itself`,
    hint: /^(?:host|:authority)$/i.test(name) ? 'rewrite: {host: …} sets it' : undefined,
    span: placeOf(headers, path),
  });
  return false;
}
