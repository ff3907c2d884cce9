// Holds the console's style sheets to what Chrome 80 draws. What it knows in part counts as known.
export default {
  plugins: ["stylelint-no-unsupported-browser-features"],
  rules: {
    "plugin/no-unsupported-browser-features": [true, { browsers: ["chrome >= 80"], ignorePartialSupport: true }],
  },
};
