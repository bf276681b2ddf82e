/* efuse_adc - adc-info: what the factory measured (espefuse 5.3,
 * efuse/<chip>/operations.py: which fields, and their labels). */
#include "client/efuse_impl.h"

#include <string.h>

#include "client/client.h"

struct adc_row {
	const char	*label;		/* as it is printed; NULL ends */
	const char	*field;		/* NULL: just a line */
	const char	*unit;		/* or NULL */
};

#define ROW(text, name)	{ .label = text, .field = name }
#define LINE(text)	{ .label = text }

static const struct adc_row rows_esp32c2[] = {
	{ "Temperature Sensor Calibration = ", "TEMP_CALIB", "C" },
	ROW("ADC OCode        =  ", "OCODE"),
	LINE("ADC1:"),
	ROW("INIT_CODE_ATTEN0 =  ", "ADC1_INIT_CODE_ATTEN0"),
	ROW("INIT_CODE_ATTEN3 =  ", "ADC1_INIT_CODE_ATTEN3"),
	ROW("CAL_VOL_ATTEN0   =  ", "ADC1_CAL_VOL_ATTEN0"),
	ROW("CAL_VOL_ATTEN3   =  ", "ADC1_CAL_VOL_ATTEN3"),
	{ .label = NULL }
};

#define ADC_UNIT(n) \
	LINE("ADC" n ":"), \
	ROW("INIT_CODE_ATTEN0 =  ", "ADC" n "_INIT_CODE_ATTEN0"), \
	ROW("INIT_CODE_ATTEN1 =  ", "ADC" n "_INIT_CODE_ATTEN1"), \
	ROW("INIT_CODE_ATTEN2 =  ", "ADC" n "_INIT_CODE_ATTEN2"), \
	ROW("INIT_CODE_ATTEN3 =  ", "ADC" n "_INIT_CODE_ATTEN3"), \
	ROW("CAL_VOL_ATTEN0   =  ", "ADC" n "_CAL_VOL_ATTEN0"), \
	ROW("CAL_VOL_ATTEN1   =  ", "ADC" n "_CAL_VOL_ATTEN1"), \
	ROW("CAL_VOL_ATTEN2   =  ", "ADC" n "_CAL_VOL_ATTEN2")

static const struct adc_row rows_esp32c3[] = {
	{ "Temperature Sensor Calibration = ", "TEMP_CALIB", "C" },
	ROW("ADC OCode        =  ", "OCODE"),
	ADC_UNIT("1"),
	ROW("CAL_VOL_ATTEN3   =  ", "ADC1_CAL_VOL_ATTEN3"),
	{ .label = NULL }
};

static const struct adc_row rows_esp32s3[] = {
	{ "Temperature Sensor Calibration = ", "TEMP_CALIB", "C" },
	ROW("ADC OCode        =  ", "OCODE"),
	ADC_UNIT("1"),
	ROW("CAL_VOL_ATTEN3   =  ", "ADC1_CAL_VOL_ATTEN3"),
	ADC_UNIT("2"),
	{ .label = NULL }
};

#define ADC_RTC(n) ROW("RTCCALIB_V1IDX_" n " =  ", "RTCCALIB_V1IDX_" n)

static const struct adc_row rows_esp32s2[] = {
	{ "Temperature Sensor Calibration = ", "TEMP_CALIB", "C" },
	{ "TADC_CALIB          = ", "ADC_CALIB", "C" },
	ADC_RTC("A10H"), ADC_RTC("A11H"), ADC_RTC("A12H"), ADC_RTC("A13H"),
	ADC_RTC("A20H"), ADC_RTC("A21H"), ADC_RTC("A22H"), ADC_RTC("A23H"),
	ADC_RTC("A10L"), ADC_RTC("A11L"), ADC_RTC("A12L"), ADC_RTC("A13L"),
	ADC_RTC("A20L"), ADC_RTC("A21L"), ADC_RTC("A22L"), ADC_RTC("A23L"),
	{ .label = NULL }
};

static const struct adc_row rows_esp32c6[] = {
	{ "Temperature Sensor Calibration = ", "TEMP_CALIB", "C" },
	ROW("ADC OCode             =  ", "OCODE"),
	LINE("ADC1:"),
	ROW("INIT_CODE_ATTEN0     =  ", "ADC1_INIT_CODE_ATTEN0"),
	ROW("INIT_CODE_ATTEN1     =  ", "ADC1_INIT_CODE_ATTEN1"),
	ROW("INIT_CODE_ATTEN2     =  ", "ADC1_INIT_CODE_ATTEN2"),
	ROW("INIT_CODE_ATTEN3     =  ", "ADC1_INIT_CODE_ATTEN3"),
	ROW("CAL_VOL_ATTEN0       =  ", "ADC1_CAL_VOL_ATTEN0"),
	ROW("CAL_VOL_ATTEN1       =  ", "ADC1_CAL_VOL_ATTEN1"),
	ROW("CAL_VOL_ATTEN2       =  ", "ADC1_CAL_VOL_ATTEN2"),
	ROW("CAL_VOL_ATTEN3       =  ", "ADC1_CAL_VOL_ATTEN3"),
	ROW("INIT_CODE_ATTEN0_CH0 =  ", "ADC1_INIT_CODE_ATTEN0_CH0"),
	ROW("INIT_CODE_ATTEN0_CH1 =  ", "ADC1_INIT_CODE_ATTEN0_CH1"),
	ROW("INIT_CODE_ATTEN0_CH2 =  ", "ADC1_INIT_CODE_ATTEN0_CH2"),
	ROW("INIT_CODE_ATTEN0_CH3 =  ", "ADC1_INIT_CODE_ATTEN0_CH3"),
	ROW("INIT_CODE_ATTEN0_CH4 =  ", "ADC1_INIT_CODE_ATTEN0_CH4"),
	ROW("INIT_CODE_ATTEN0_CH5 =  ", "ADC1_INIT_CODE_ATTEN0_CH5"),
	ROW("INIT_CODE_ATTEN0_CH6 =  ", "ADC1_INIT_CODE_ATTEN0_CH6"),
	{ .label = NULL }
};

#define ADC_DIFF(n) ROW("CH" n "_ATTEN0_INITCODE_DIFF =  ", \
	"ADC1_CH" n "_ATTEN0_INITCODE_DIFF")

static const struct adc_row rows_esp32h2[] = {
	{ "Temperature Sensor Calibration = ", "TEMP_CALIB", "C" },
	LINE(""),
	LINE("ADC1:"),
	ROW("AVE_INITCODE_ATTEN0      =  ", "ADC1_AVE_INITCODE_ATTEN0"),
	ROW("AVE_INITCODE_ATTEN1      =  ", "ADC1_AVE_INITCODE_ATTEN1"),
	ROW("AVE_INITCODE_ATTEN2      =  ", "ADC1_AVE_INITCODE_ATTEN2"),
	ROW("AVE_INITCODE_ATTEN3      =  ", "ADC1_AVE_INITCODE_ATTEN3"),
	ROW("HI_DOUT_ATTEN0           =  ", "ADC1_HI_DOUT_ATTEN0"),
	ROW("HI_DOUT_ATTEN1           =  ", "ADC1_HI_DOUT_ATTEN1"),
	ROW("HI_DOUT_ATTEN2           =  ", "ADC1_HI_DOUT_ATTEN2"),
	ROW("HI_DOUT_ATTEN3           =  ", "ADC1_HI_DOUT_ATTEN3"),
	ADC_DIFF("0"), ADC_DIFF("1"), ADC_DIFF("2"), ADC_DIFF("3"),
	ADC_DIFF("4"),
	{ .label = NULL }
};

static const struct adc_row rows_esp32[] = {
	LINE("ADC readings stored in eFuse BLOCK3:"),
	ROW("    ADC1 Low reading  (150mV): ", "ADC1_TP_LOW"),
	ROW("    ADC1 High reading (850mV): ", "ADC1_TP_HIGH"),
	ROW("    ADC2 Low reading  (150mV): ", "ADC2_TP_LOW"),
	ROW("    ADC2 High reading (850mV): ", "ADC2_TP_HIGH"),
	{ .label = NULL }
};

static const struct adc {
	const char		*chip;
	unsigned		 from;		/* block version */
	const struct adc_row	*rows;		/* NULL: all fields of category
						 * "calibration" */
	bool			 unknown;	/* nobody says what it means */
} adcs[] = {
	{ .chip = "ESP32-C2", .from = 1, .rows = rows_esp32c2 },
	{ .chip = "ESP32-C3", .from = 100, .rows = rows_esp32c3 },
	{ .chip = "ESP32-S2", .from = 1, .rows = rows_esp32s2 },
	{ .chip = "ESP32-S3", .from = 100, .rows = rows_esp32s3 },
	{ .chip = "ESP32-C5", .from = 1 },
	{ .chip = "ESP32-C6", .from = 1, .rows = rows_esp32c6 },
	{ .chip = "ESP32-C61", .from = 1 },
	{ .chip = "ESP32-E22", .from = 1 },
	{ .chip = "ESP32-H2", .from = 2, .rows = rows_esp32h2 },
	{ "ESP32-H21", .unknown = true },
	{ "ESP32-H4", .unknown = true },
	{ .chip = "ESP32-P4", .from = 1 },
	{ "ESP32-S31", .unknown = true },
};

static void
show_rows(struct efuse_run *run, const struct adc_row *row)
{
	struct efuse_state		*s = &run->at->state;
	const struct efuse_field	*f;
	char				 value[EFUSE_TEXT_MAX] = "";

	for (; row->label != NULL; row++) {
		f = row->field ? efuse_field_find(s, row->field) : NULL;
		if (row->field != NULL && f == NULL)
			continue;
		if (f != NULL)
			efuse_value(s, f, value);
		show_out(&run->client->show, "%s%s%s", row->label,
		    f ? value : "", row->unit ? row->unit : "");
	}
}

static void
show_category(struct efuse_run *run)
{
	const struct efuse_field	*f = NULL;
	char				 value[EFUSE_TEXT_MAX];

	while ((f = efuse_field_next(&run->at->state, f)) != NULL) {
		if (strcmp(f->category, "calibration") != 0)
			continue;
		efuse_value(&run->at->state, f, value);
		show_out(&run->client->show, "%-30s =  %s", f->name, value);
	}
}

static int
show_esp32(struct efuse_run *run)
{
	struct efuse_state		*s = &run->at->state;
	const struct efuse_field	*f = efuse_field_find(s, "ADC_VREF");
	char				 value[EFUSE_TEXT_MAX];

	if (f == NULL || efuse_number(s, "ADC_VREF") == 0)
		show_out(&run->client->show,
		    "ADC VRef calibration: None (1100mV nominal)");
	else {
		efuse_value(s, f, value);
		show_out(&run->client->show, "ADC VRef calibration: %smV",
		    value);
	}
	if (efuse_number(s, "BLK3_PART_RESERVE") != 0)
		show_rows(run, rows_esp32);
	return 0;
}

int
efuse_read_adc(struct efuse_run *run, size_t command)
{
	struct efuse_state	*s = &run->at->state;
	const struct adc	*a = NULL;
	unsigned		 version = efuse_block_version(s);

	(void)command;
	if (s->efuse->flags & EFUSE_CHIP_ESP32)
		return show_esp32(run);
	for (size_t i = 0; i < sizeof adcs / sizeof adcs[0]; i++)
		if (strcmp(adcs[i].chip, s->efuse->chip->name) == 0)
			a = &adcs[i];
	if (a == NULL || a->unknown) {
		show_out(&run->client->show, "Not supported yet.");
		return 0;
	}
	show_out(&run->client->show, "Block version: %u", version);
	if (version < a->from)
		return 0;
	if (a->rows != NULL)
		show_rows(run, a->rows);
	else
		show_category(run);
	return 0;
}
