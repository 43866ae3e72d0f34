import { allMethods } from '../all-methods.ts';
import type { Report } from '../finding.ts';
import type { RouteBody, WrittenVersion } from '../imported-route.ts';
import type { Names } from '../names.ts';
import type { Annotations } from './ingress.ts';
import { placeIn } from './redirects.ts';

export interface Mirrored {
  readonly name: string;
  readonly version: WrittenVersion;
  readonly mirror: NonNullable<RouteBody['mirror']>;
}

/** Returns the version that copies go to; undefined: none, or one that cannot be said. */
export function mirrorOf(
  annotations: Annotations,
  names: Names,
  report: Report,
): Mirrored | undefined {
  const target = annotations.text('mirror-target');
  if (target === undefined) return undefined;
  const place = placeIn(target);
  if (place === undefined || place.path !== undefined) {
    report({
      code: 'TN6002',
      message: 'mirror-target is not translated: a copy has the path of its request',
      hint: 'http://host:port$request_uri is the form that is translated',
      span: annotations.span('mirror-target'),
    });
    return undefined;
  }
  const port = place.port === undefined ? '' : `:${place.port}`;
  const name = names.give('mirror');
  const hasBody = annotations.text('mirror-request-body') !== 'off';
  return {
    name,
    version: { url: `${place.scheme}://${place.host}${port}`, weight: 0 },
    mirror: { to: name, methods: allMethods, ...(hasBody ? {} : { body: '0B' }) },
  };
}
