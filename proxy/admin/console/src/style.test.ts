import assert from 'node:assert/strict';
import { test } from 'node:test';
import css from './style.css?raw';

// colors of a scheme, by name: those of the light one come first, and hold in the dark one unless they are set anew.
function colors(dark: boolean): Record<string, string> {
  const [light = '', other = ''] = css.split('prefers-color-scheme: dark');
  const found = (text: string) => Object.fromEntries([...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
  return { ...found(light), ...(dark && found(other)) };
}

// luminance and contrast are those of WCAG 2.2.
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((p, q) => p - q);
  return (high + 0.05) / (low + 0.05);
}

for (const dark of [false, true]) {
  test(`${dark ? 'dark' : 'light'} colours can be told apart`, () => {
    const all = colors(dark);
    const apart = (names: string[], grounds: string[], least: number) => {
      for (const name of names) {
        for (const ground of grounds) {
          const found = contrast(all[name]!, all[ground]!);
          assert.ok(found >= least, `${name} on ${ground}: ${found.toFixed(2)}, want ${least}`);
        }
      }
    };
    const grounds = ['panel', 'ground', 'warn-ground', 'bad-ground'];
    apart(['ink', 'quiet', 'accent', 'healthy', 'warn', 'bad'], grounds, 4.5); // text
    apart(['edge', 'focus'], grounds, 3); // what can be used
    apart(['accent', 'bad', 'series', 'series-odd', 'series-bad'], ['panel'], 3); // the window of the ring, and the gaps in it; charts
    for (const [a, b] of [['series', 'series-odd'], ['series', 'series-bad'], ['series-odd', 'series-bad']] as const) apart([a], [b], 1.5); // without their hues, too
  });
}

test('what can be used has an edge that is seen', () => {
  assert.match(css, /button, input, select \{[^}]*border: 1px solid var\(--edge\)/);
});
