// Holds the console's scripts to what Chrome 80 reads: its syntax (ECMAScript 2020), and what it has of the language's
// library and of the web's.
import compat from "eslint-plugin-compat";
import es from "eslint-plugin-es-x";

// Methods that came after Chrome 80 and that compat cannot tell by the name of their object.
const later = {
  checkVisibility: 105, findLast: 97, findLastIndex: 97, getAnimations: 84, hidePopover: 114,
  replaceChildren: 86, setHTML: 105, showPicker: 99, showPopover: 114, toReversed: 110, toSorted: 110, toSpliced: 110,
  togglePopover: 114,
};

export default [
  {
    files: ["**/*.js"],
    // Whether a script is well formed in Chrome 80 is the parser's; none of ours is a module.
    languageOptions: { ecmaVersion: 2020, sourceType: "script" },
    plugins: { compat, "es-x": es },
    settings: { browsers: ["chrome >= 80"], lintAllEsApis: true },
    rules: {
      ...es.configs["flat/restrict-to-es2020"].rules,
      "compat/compat": "error",
      "no-restricted-properties": ["error", ...Object.entries(later)
        .map(([property, since]) => ({ property, message: `Chrome has it since ${since}.` }))],
    },
  },
];
