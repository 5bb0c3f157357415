import { expect, test } from "vitest";

import { linkTo, parseLink } from "./link";

test.each([
  ["hindcast://R6Lf", { run: "R6Lf", step: null }],
  ["hindcast://R6Lf/", { run: "R6Lf", step: null }],
  ["hindcast:R6Lf:36", { run: "R6Lf", step: "R6Lf:36" }],
  ["hindcast://R6Lf:36:2\n", { run: "R6Lf", step: "R6Lf:36" }],
  [linkTo("R6Lf:36"), { run: "R6Lf", step: "R6Lf:36" }],
  ["hindcast://R6Lf:0", null],
  ["hindcast://../etc/passwd", null],
  ["hindcast://R6Lf?run=1", null],
  ["hindcast://--trust-project", null],
  ["https://example.test/R6Lf", null],
  ["javascript:R6Lf", null],
])("%s leads to %o", (link, place) => {
  expect(parseLink(link)).toEqual(place);
});
