export declare const run: import("./command.js").Command;
