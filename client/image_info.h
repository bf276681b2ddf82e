#ifndef CLIENT_IMAGE_INFO_H
#define CLIENT_IMAGE_INFO_H
/*
 * image_info - what image.info answers, in the words and the order people know
 * from esptool; the same in both voices.
 */
struct json_object;
struct show;

void image_info_show(struct show *, struct json_object *result);
#endif
