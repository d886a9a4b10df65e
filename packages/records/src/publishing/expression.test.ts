import fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { ExpressionFault } from './expression-values.ts';
import { compileExpression, expressionColumns } from './expression.ts';

const row: Readonly<Record<string, string>> = {
  a: 'Li Na',
  n: '12.50',
  m: '3',
  empty: '',
  'PAY 0': '-1',
  zh: '李娜',
};
const evaluate = (text: string): string | undefined => compileExpression(text)((column) => row[column]);

describe('an expression', () => {
  it.each([
    ['a & "-" & zh', 'Li Na-李娜'],
    ['$substring(a, 0, 2)', 'Li'],
    ['$substring(a, -2)', 'Na'],
    ['$uppercase($substringBefore(a, " "))', 'LI'],
    ['n = "12.50" ? "yes" : "no"', 'yes'],
    ['$number(n) + $number(m) * 2', '18.5'],
    ['$string($number(n) - 12.5)', '0'],
    ['0.1 + 0.2', '0.3'],
    ['`PAY 0` in ["-1", "-2"] ? "N" : `PAY 0`', 'N'],
    ['$number(n) > 12 and $not(empty)', 'true'],
    ['missing & "x"', 'x'],
    ['$exists(missing) ? "is" : "is not"', 'is not'],
    ['$pad(m, -5, "0")', '00003'],
    ['$replace(a, " ", "")', 'LiNa'],
    ['$abs(-$number(m))', '3'],
  ])('%s is %s', (text, value) => {
    expect(evaluate(text)).toBe(value);
  });

  it.each(['missing', 'missing + 1', '-missing', '$trim(missing)', 'empty ? "x"', 'missing < 1'])(
    '%s has no value',
    (text) => {
      expect(evaluate(text)).toBeUndefined();
    },
  );

  it.each(['a + 1', '$number(a)', '$number("1e9")', '"x" < 1', '$length(1)', '-a', '$replace(a, "", "x")'])(
    '%s ends its line and nothing else',
    (text) => {
      expect(() => evaluate(text)).toThrow(ExpressionFault);
    },
  );

  it.each([
    ['recursion', '($f := function($x) { $f($x) }; $f(1))'],
    ['a lambda', '$map([1..1000000], function($i) { $i })'],
    ['a range', '[1..9999999]'],
    ['a regular expression', '$contains(a, /(a+)+$/)'],
    ['evaluation of a text', '$eval("1")'],
    ['a path', 'a.b'],
    ['a filter', 'a[b = 1]'],
    ['the whole row', '$'],
    ['a wildcard', '*'],
    ['descendants', '**.a'],
    ['a parent', '%.a'],
    ['a variable', '$x'],
    ['chance', '$random()'],
    ['the time', '$now()'],
    ['division', '1 / 0'],
    ['an object', '{"a": 1}'],
    ['a transformation', '| a | {"b": 1} |'],
    ['a sort', 'a^(b)'],
    ['a number that is no decimal', '1e300'],
    ['null', 'null'],
    ['a member of all objects', '$constructor("x")'],
    ['too many arguments', '$trim(a, a)'],
    ['no end', '"'],
    ['a hundred brackets', `${'('.repeat(100)}a${')'.repeat(100)}`],
    ['a thousand minuses', `${'-'.repeat(1000)}a`],
    ['three hundred parts', Array.from({ length: 300 }, () => 'a').join('&')],
  ])('with %s is refused with its mapping', (_, text) => {
    expect(() => compileExpression(text)).toThrow(RangeError);
  });

  it('names the columns that it reads, each once', () => {
    expect(expressionColumns('a & `PAY 0` & (a = "b" ? c : "d")')).toEqual(['a', 'PAY 0', 'c']);
  });

  it('that doubles its text is ended by its bound, at once', () => {
    const doubling = `$replace(${'$replace('.repeat(20)}"aaaa", "a", "aaaa")${', "a", "aaaa")'.repeat(20)}`;
    expect(() => evaluate(doubling)).toThrow(ExpressionFault);
  });

  it('means what JSONata means by it', async () => {
    const leaf = fc.constantFrom(
      'a',
      'zh',
      'empty',
      'missing',
      '"x"',
      '"Li Na"',
      '7',
      '0',
      '12.5',
      'true',
      'm',
    );
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        leaf,
        fc
          .tuple(
            fc.constantFrom('&', '=', '!=', 'and', 'or', '+', '-', '*', '<', '>='),
            tie('tree'),
            tie('tree'),
          )
          .map(([operator, left, right]) => `(${left} ${operator} ${right})`),
        fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([c, t, e]) => `(${c} ? ${t} : ${e})`),
        fc
          .tuple(fc.constantFrom('$string', '$not', '$exists', '$trim', '$length', '$uppercase'), tie('tree'))
          .map(([name, arg]) => `${name}(${arg})`),
        fc.tuple(tie('tree'), tie('tree')).map(([one, two]) => `(${one} in [${two}, "x"])`),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async (text) => {
        const theirs: unknown = await jsonata(text)
          .evaluate(row)
          .catch(() => 'an error');
        const ours = attempt(text);
        // What we refuse we may refuse; what we give must be theirs.
        if (ours.refused) return;
        expect(ours.value).toBe(theirs === undefined ? undefined : `${theirs as string | number | boolean}`);
      }),
      { numRuns: 500 },
    );
  });
});

function attempt(text: string): { refused: boolean; value?: string | undefined } {
  try {
    return { refused: false, value: evaluate(text) };
  } catch (error) {
    if (error instanceof ExpressionFault || error instanceof RangeError) return { refused: true };
    throw error;
  }
}
