import type { NodeView } from '@skein/contracts';
import { expect, test } from 'vitest';
import { whatIsMissing } from './mutual-sight.ts';

/** A registry in short: `a*` is the node itself, `b@2` its second life, `b?` a suspect. */
function view(text: string): NodeView[] {
  return text.split(' ').map((word) => {
    const [, name = '', life = '1', mark] = /^([a-z])(?:@(\d))?([*?])?$/.exec(word) ?? [];
    const status = mark === '?' ? 'suspect' : 'online';
    // Only what the rule reads.
    return { id: name, name, isSelf: mark === '*', status, incarnation: Number(life) } as unknown as NodeView;
  });
}

test.each([
  [['a* b', 'a b*'], undefined],
  [['a* b c', 'a b* c', 'a b c*'], undefined],
  [['a*', 'a b*'], 'a sees b not at all'],
  [['a* b?', 'a b*'], 'a sees b as suspect'],
  [['a* b@1', 'a b@2*'], 'a sees b as online'],
  [['a* b@3', 'a b@2*'], undefined],
  [['a b', 'a b*'], 'a node does not know itself yet'],
])('of the registries %j the missing part is told: %s', (views, missing) => {
  expect(whatIsMissing(views.map(view))).toBe(missing);
});
