#include "base/sys.h"
extern int fetch_unused;
int fetch_unused;
