export declare const verify: import("./command.js").Command;
