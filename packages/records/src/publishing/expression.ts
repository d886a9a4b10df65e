import jsonata from 'jsonata';
import type { Decimal, Value } from './expression-values.ts';
import {
  add,
  checked,
  compare,
  decimalOf,
  ExpressionFault,
  expressionFunctions,
  isDecimal,
  multiply,
  needNumber,
  negated,
  textOf,
  truthOf,
} from './expression-values.ts';

/** The text of a column, or undefined where the line has none. */
export type Lookup = (column: string) => string | undefined;

type Step = (look: Lookup) => Value;
type Node = jsonata.ExprNode;

const nodesMax = 256;
const depthMax = 32;

/**
 * An expression, ready to be asked line by line. Undefined is no value.
 * @throws ExpressionFault where it has none for this line, for example a text where a number is needed
 */
export type Expression = (look: Lookup) => string | undefined;

/**
 * Compiles the part of JSONata that always ends: columns, literals, `& + - *`, comparisons, `in`, `and`,
 * `or`, conditions and a list of functions. There is no loop, recursion, lambda, regular expression, path or
 * name but a column's, so that an expression costs what its length says and reads nothing but its line.
 * Numbers are exact decimals.
 * @throws RangeError naming what is not in that part
 */
export function compileExpression(text: string): Expression {
  const step = compileNode(parse(text), { left: nodesMax }, 0);
  return (look) => {
    const value = step(look);
    return value === undefined ? undefined : textOf(value);
  };
}

/** The columns that an expression reads, each once. @throws RangeError as `compileExpression` */
export function expressionColumns(text: string): string[] {
  const columns = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('type' in value && value.type === 'name' && 'value' in value) columns.add(String(value.value));
    Object.values(value).forEach(visit);
  };
  visit(parse(text));
  return [...columns];
}

function parse(text: string): Node {
  try {
    return jsonata(text).ast();
  } catch {
    throw new RangeError('is not an expression of JSONata');
  }
}

interface Budget {
  left: number;
}

function compileNode(node: Node | undefined, budget: Budget, depth: number): Step {
  budget.left -= 1;
  if (node === undefined || budget.left < 0 || depth > depthMax)
    throw new RangeError(`may have ${nodesMax} parts, ${depthMax} deep`);
  const of = (part: unknown): Step => compileNode(part as Node | undefined, budget, depth + 1);
  // The library's types leave out its paths.
  const type: string = node.type;
  switch (type) {
    case 'string':
    case 'number':
    case 'value':
      return literal(node.value);
    case 'path':
      return column(node);
    case 'block':
      if (node.expressions?.length === 1) return of(node.expressions[0]);
      return refuse('a sequence of expressions');
    case 'binary':
      return node.value === 'in'
        ? membership(of(node.lhs), node, of)
        : binary(node, of(node.lhs), of(node.rhs));
    case 'unary':
      if (node.value === '-') return negative(of(Reflect.get(node, 'expression')));
      return refuse('an array or object');
    case 'condition':
      return condition(node, of);
    case 'function':
      return call(node, (node.arguments ?? []).map(of));
    default:
      return refuse(`"${type}"`);
  }
}

function refuse(what: string): never {
  throw new RangeError(`uses ${what}, which the expressions of a mapping do not have`);
}

function literal(value: unknown): Step {
  if (typeof value === 'string' || typeof value === 'boolean') return () => value;
  if (typeof value !== 'number') return refuse('null');
  const spelled = String(value);
  if (!/^-?[0-9]+(\.[0-9]+)?$/u.test(spelled)) return refuse('a number that is not a plain decimal');
  const number = decimalOf(spelled);
  return () => number;
}

function column({ steps = [] }: Node): Step {
  const [first, ...more] = steps;
  const plain = first?.type === 'name' && first.stages === undefined && !('predicate' in first);
  if (!plain || more.length > 0) return refuse('a path or filter');
  const name = String(first.value);
  return (look) => {
    const text = look(name);
    return text === undefined ? undefined : checked(text);
  };
}

const negative =
  (of: Step): Step =>
  (look) => {
    const value = of(look);
    return value === undefined ? undefined : negated(needNumber(value));
  };

function condition(node: Node, of: (part: unknown) => Step): Step {
  const [test, then] = [of(Reflect.get(node, 'condition')), of(Reflect.get(node, 'then'))];
  const otherwise = Reflect.get(node, 'else') === undefined ? undefined : of(Reflect.get(node, 'else'));
  return (look) => (truthOf(test(look)) ? then(look) : otherwise?.(look));
}

function membership(left: Step, node: Node, of: (part: unknown) => Step): Step {
  const list = node.rhs;
  if (list === undefined || Array.isArray(list) || list.type !== 'unary' || list.value !== '[')
    return refuse('"in" without a list in brackets');
  const items = (list.expressions ?? []).map(of);
  return (look) => {
    const value = left(look);
    return items.map((item) => equal(value, item(look))).includes(true);
  };
}

function binary({ value: operator }: Node, left: Step, right: Step): Step {
  switch (operator) {
    case '&':
      return (look) => checked(textOf(left(look)) + textOf(right(look)));
    case '=':
      return (look) => equal(left(look), right(look), false);
    case '!=':
      return (look) => equal(left(look), right(look), true);
    case 'and':
      return (look) => truthOf(left(look)) && truthOf(right(look));
    case 'or':
      return (look) => truthOf(left(look)) || truthOf(right(look));
    case '<':
      return ordered(left, right, (order) => order < 0);
    case '<=':
      return ordered(left, right, (order) => order <= 0);
    case '>':
      return ordered(left, right, (order) => order > 0);
    case '>=':
      return ordered(left, right, (order) => order >= 0);
    case '+':
      return arithmetic(left, right, add);
    case '-':
      return arithmetic(left, right, (a, b) => add(a, negated(b)));
    case '*':
      return arithmetic(left, right, multiply);
    default:
      return refuse(`"${String(operator)}"`);
  }
}

/** As JSONata: two kinds are never equal, and of a missing value nothing is, not even that it differs. */
function equal(a: Value, b: Value, otherwise = false): boolean {
  if (a === undefined || b === undefined) return false;
  const same = isDecimal(a) && isDecimal(b) ? compare(a, b) === 0 : a === b;
  return same !== otherwise;
}

function ordered(left: Step, right: Step, holds: (order: number) => boolean): Step {
  return (look) => {
    const [a, b] = [left(look), right(look)];
    const order = orderOf(a, b);
    return order === undefined ? undefined : holds(order);
  };
}

function orderOf(a: Value, b: Value): number | undefined {
  const wrong = typeof a === 'boolean' || typeof b === 'boolean';
  if (!wrong && (a === undefined || b === undefined)) return undefined;
  if (!wrong && isDecimal(a) && isDecimal(b)) return compare(a, b);
  if (typeof a !== 'string' || typeof b !== 'string')
    throw new ExpressionFault('two texts or two numbers are needed');
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function arithmetic(left: Step, right: Step, act: (a: Decimal, b: Decimal) => Decimal): Step {
  return (look) => {
    const [a, b] = [left(look), right(look)].map((value) =>
      value === undefined ? value : needNumber(value),
    );
    if (a === undefined || b === undefined) return undefined;
    const result = act(a, b);
    textOf(result);
    return result;
  };
}

function call(node: Node, args: readonly Step[]): Step {
  const name = String(Reflect.get(node.procedure ?? {}, 'value'));
  const known = Object.hasOwn(expressionFunctions, name) ? expressionFunctions[name] : undefined;
  if (node.procedure?.type !== 'variable' || !known) return refuse(`the function $${name}`);
  if (args.length < known.least || args.length > known.most)
    throw new RangeError(`gives $${name} another number of arguments than it takes`);
  return (look) => {
    const value = known.call(args.map((arg) => arg(look)));
    return typeof value === 'string' ? checked(value) : value;
  };
}
