// Print what Anki's MathJax knows, as JSON: each command with the arguments it takes, environments, delimiters.
//
// The first argument is the folder of the npm package mathjax-full@3.2.2. Arguments are not listed there: each command
// is run on a probe, and what it takes from the parser is written down. See mathjax_tables.py.

import {createRequire} from 'node:module';

const require = createRequire(`${process.argv[2]}/`);
const {mathjax} = require('./js/mathjax.js');
const {TeX} = require('./js/input/tex.js');
const {CHTML} = require('./js/output/chtml.js');
const {liteAdaptor} = require('./js/adaptors/liteAdaptor.js');
const {RegisterHTMLHandler} = require('./js/handlers/html.js');
const {STATE} = require('./js/core/MathItem.js');
const {SerializedMmlVisitor} = require('./js/core/MmlTree/SerializedMmlVisitor.js');
const {AllPackages} = require('./js/input/tex/AllPackages.js');
const TexParser = require('./js/input/tex/TexParser.js').default;
const ParseUtil = require('./js/input/tex/ParseUtil.js').default;

RegisterHTMLHandler(liteAdaptor());
const visitor = new SerializedMmlVisitor();
// Anki's own settings: require first, no textmacros, mathtools a second time. noerrors would hide the errors looked for here.
require('./js/input/tex/require/RequireConfiguration.js');
const hidden = new Set(['textmacros', 'noerrors']);
const packages = ['require', ...AllPackages.filter(name => !hidden.has(name)), 'mathtools'];
const BaseMethods = require('./js/input/tex/base/BaseMethods.js').default;

// What a command took from the parser that met it first, in order.
let taken = null;
let outer = null;
const KINDS = {
  GetArgument: 'r', GetBrackets: 'o', GetDelimiter: 'd', GetDelimiterArg: 'D', GetDimen: 'l', GetUpTo: 'u', GetStar: 's',
};
for (const [method, kind] of Object.entries(KINDS)) {
  const plain = TexParser.prototype[method];
  TexParser.prototype[method] = function (...args) {
    const mine = taken && this === outer && !this.busy;
    const start = this.i;
    this.busy = true;
    try {
      const got = plain.apply(this, args);
      if (mine) taken.push({kind, got, brace: method === 'GetDelimiter' && args[1], moved: this.i > start});
      return got;
    } finally {
      if (mine || !taken) this.busy = false;
    }
  };
}
const internal = ParseUtil.internalMath;
const texts = new Set();
ParseUtil.internalMath = function (parser, text, ...rest) {
  texts.add(text);
  return internal.call(this, parser, text, ...rest);
};
const maths = new Set();
const plainParse = TexParser.prototype.Parse;
TexParser.prototype.Parse = function () {
  if (taken && !outer) outer = this;
  maths.add(this.string);
  return plainParse.call(this);
};

function set(latex, display = true) {
  const tex = new TeX({packages, formatError: (_, error) => { throw error; }});
  const doc = mathjax.document('', {InputJax: tex, OutputJax: new CHTML({fontURL: '.'})});
  texts.clear();
  maths.clear();
  outer = null;
  try {
    const mml = visitor.visitTree(doc.convert(latex, {display, end: STATE.CONVERT}));
    return /mathcolor="red"|<merror/.test(mml) ? 'red' : '';
  } catch (error) {
    return error.id || 'crash';
  }
}

function tables(kind) {
  const tex = new TeX({packages});
  const doc = mathjax.document('', {InputJax: tex, OutputJax: new CHTML({fontURL: '.'})});
  doc.convert('x', {end: STATE.COMPILED});
  const found = new Map();
  for (const {item} of tex.parseOptions.handlers.get(kind)._configuration.items) {
    for (let [name, symbol] of item.map || []) {
      if (kind === 'macro' && item.constructor.name === 'DelimiterMap') {
        if (name[0] !== '\\') continue;
        name = name.slice(1);
      }
      if (!found.has(name)) found.set(name, symbol);
    }
  }
  return found;
}

const ARGUMENTS = {r: '{1}', o: '', d: '(', D: '{(}', l: '{1pt}', s: '', u: ''};

// Return the letters of what a command takes: m math, t text, r raw, o/O brackets, d/D a delimiter, l a length, s a star.
function signature(head, tail) {
  let best = null;
  for (const probe of ['{1}{2}{3}{4}{5}{6}', '{(}{)}{3}{4}{5}{6}', '(){3}{4}', '{1pt}{2pt}{3pt}{4}', '{c}{2}{3}{4}', '|||', '{red}{blue}{3}', '{mi}{x}']) {
    for (const brackets of ['', '[7]']) {
      taken = [];
      const fault = set(`${head}${brackets}${probe}${tail}`);
      const got = taken;
      taken = null;
      if (fault) continue;
      const letters = got.map(({kind, got, brace}) => {
        if (kind === 'r') return texts.has(got) ? 't' : maths.has(got) ? 'm' : 'r';
        if (kind === 'o') return got && maths.has(got) ? 'O' : 'o';
        return kind === 'd' && brace ? 'D' : kind;
      }).join('');
      if (best === null || letters.replace(/o/g, '').length > best.replace(/o/g, '').length || letters.includes('O')) best = letters;
    }
    if (best !== null) break;
  }
  return best;
}

const commands = {};
for (const [name, symbol] of tables('macro')) {
  // A macro of its own package: what it is made of, then how many arguments it has, then the default of an optional one.
  const [, count = 0, preset] = symbol._func === BaseMethods.Macro ? symbol._args : [];
  const isMacro = symbol._func === BaseMethods.Macro;
  const optional = preset === undefined ? '' : 'o';
  const takes = isMacro ? optional + 'm'.repeat(count - optional.length) : signature(`\\${name}`, '');
  // What stands alone takes nothing that must be there.
  commands[name] = takes && !set(`\\${name}`) ? takes.replace(/[mtrdDl]/g, '') : takes;
}

const environments = {};
for (const name of tables('environment').keys()) {
  // Without the names behind \begin and \end.
  const takes = signature(`\\begin{${name}}`, `\\end{${name}}`);
  environments[name] = takes === null ? null : takes.slice(1, -1);
}

// What can stand around each command, tried out.
const EXAMPLES = {m: '{1}', t: '{1}', r: '{c}', d: '(', D: '(', l: '{1pt}', o: '', O: '', s: '', u: ''};
const example = (head, takes) => head + [...takes].map(kind => EXAMPLES[kind]).join('');
const flags = {};
const proofs = [];
for (const [name, takes] of Object.entries(commands)) {
  if (set(example(`\\${name}`, takes || 't')) === 'IllegalProofCommand') proofs.push(name);
  if (takes === null || takes === undefined) continue;
  const made = example(`\\${name}`, takes) + ' ';
  if (set(made)) continue;
  flags[name] = [
    /^MissingOpenFor|^MissingScript|^crash/.test(set(`x^${made}`)) ? 'b' : '',
    set(`${made}\\limits_2`) ? '' : 'p',
    set(`${made}^2^3`) ? '' : 'u',
    set(`x^2${made}^3`) === 'DoubleExponent' ? 'n' : '',
    set(`${made}^2`) ? 'x' : '',
    set(`${made}_2`) ? 'y' : '',
    takes.endsWith('m') && !set(`${made}_2`) && set(`${example(`\\${name}`, takes.slice(0, -1))}{a + x_1}_2`) ? 'k' : '',
  ].join('');
}
const uses = {};
for (const [name, takes] of Object.entries(environments)) {
  if (takes === null) continue;
  const inside = text => `${example(`\\begin{${name}}`, takes.replace('r', 't'))}${text}\\end{${name}}`;
  uses[name] = [
    set(inside('a')), set(inside('a & b')), set(inside('a \\\\ b')), set(inside('a \\tag{1}')), set(inside('a \\cr b')), set(inside('\\hline a')),
    set(`\\begin{align}${inside('a')}\\end{align}`), set(inside('a') + inside('a')), set(`x^${inside('a')}`), set(`${inside('a')}^2`),set(`{${inside('a')}}`),
  ];
}
console.log(JSON.stringify({
  commands, flags, uses, proofs, environments, delimiters: [...tables('delimiter').keys()], characters: [...tables('character').keys()],
}));
