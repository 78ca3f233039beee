/** LPN-50, 2.9 M weights: the more accurate one. */
export declare const lpn50Leeds: URL;
/** A narrow LPN, 0.6 M weights: for pages and weak machines. */
export declare const lpnSmallLeeds: URL;
