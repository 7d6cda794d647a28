export declare const info: import("./command.js").Command;
