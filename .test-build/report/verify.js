import { cleanText } from './format.js';
/** `failed       test_conv: output "y" ...` */
export function caseLine(report) {
    const name = cleanText(report.name);
    switch (report.status) {
        case 'passed':
            return `passed       ${name}`;
        case 'failed':
            return `failed       ${name}: ${cleanText(report.reason)}`;
        case 'unsupported':
            return `unsupported  ${name}: ${cleanText(report.feature)}`;
    }
}
export function countOutcomes(reports) {
    const count = (status) => reports.filter((report) => report.status === status).length;
    return { passed: count('passed'), failed: count('failed'), unsupported: count('unsupported') };
}
/** The last line of `lanewise verify`. */
export function totalsLine({ passed, failed, unsupported }) {
    return `${passed} passed, ${failed} failed, ${unsupported} unsupported`;
}
//# sourceMappingURL=verify.js.map