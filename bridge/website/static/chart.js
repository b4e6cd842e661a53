// Makes the charts of a page interactive.
"use strict";
